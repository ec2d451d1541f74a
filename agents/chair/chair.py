"""The chair as an agent's desk knows it: who sits in it, and what is asked of whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ...models.request import Request
from ...prompts.parts import message
from ...state.values import Agent
from .view import RecommenderView

ReplyBy = Literal["model", "template"]
"""Who finds the words for a pick that comes without: the recsys's chat model, or templates of ours."""

_SCHEMA: Final = {"title": "Recommendation"}


@dataclass(frozen=True)
class Chair:
    """What sits in the recsys's chair in one conversation.

    Attributes:
        name: of the recommender, as it is typed.
        model: under which the ledger keeps its calls.
        stream: name of the conversation's random stream.
    """

    name: str
    model: str
    reply_by: ReplyBy
    stream: str


def recommender_request(view: RecommenderView, model: str) -> Request:
    """The request that asks a recommender: its messages, one after the other, are the body that it is sent.

    Args:
        model: see `Chair`.
    """
    stays, comes = view.written()
    messages = (message("human", stays), message("human", comes))
    return Request(Agent.RECSYS, messages, _SCHEMA, recommender=model)


def body_of(request: Request) -> str:
    """The body of JSON that a recommender is sent."""
    return "".join(message.text for message in request.messages)
