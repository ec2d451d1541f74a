"""Who answers in Gemini's place: the offline model, or a function of a test's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .wire import Ask

Answerer = Callable[[Ask], str]
"""From a decoded request to the text of the answer."""


def offline_answerer(seed: int = 0) -> Answerer:
    """Answers by the offline model, which sees what Gemini would see and nothing else."""
    from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
    from segue.models.offline import OfflineChatModel

    model = OfflineChatModel(seed=seed)

    def answer(ask: Ask) -> str:
        messages: list[BaseMessage] = [SystemMessage(ask.system)] if ask.system else []
        for role, parts in ask.turns:
            content: list[str | dict[Any, Any]] = [
                {"type": "text", "text": p}
                if isinstance(p, str)
                else {"type": p.kind, "mime_type": p.mime_type, "base64": ""}
                for p in parts
            ]
            messages.append(AIMessage(content) if role == "model" else HumanMessage(content))
        return str(model.invoke(messages, seed=ask.config.get("seed", seed)).text)

    return answer
