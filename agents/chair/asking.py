"""The recsys's turn where a recommender sits in its chair: ask, check, ask again with the reason, then find words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any, Final

from ...core.errors import RecommenderError
from ...models.reply import Reply
from ...state.channels import RULES_WITH_TRUTH
from ...state.values import PLAY_ALONE, Action, TrackCard
from ...state.views import RecsysView
from ..answers import ActingRecsysAnswer, AnyRecsysAnswer, RecsysAnswer
from ..asking import Desk, Outcome, ask
from ..rendering import render_request
from ..reply_words import check_reply, check_unplayed
from .answers import Ranked, check_ranking, read_ranking
from .chair import Chair, recommender_request
from .refusals import REFUSALS, refusals
from .replies import REPLIES, replies
from .view import RecommenderView


@dataclass(frozen=True)
class ChairOutcome(Outcome[AnyRecsysAnswer]):
    """A pick, or what was done in its place, its words and how both came about.

    Attributes:
        recommender: its name.
        asked: how many of `calls`, the first ones, went to the recommender; all others to the recsys's model.
        words: who found them: the recommender itself, the model or a template.
    """

    recommender: str = ""
    asked: int = 0
    words: str = ""

    def to_record(self, place: Any) -> dict[str, Any]:
        """The entry for the `records` channel."""
        told = {"name": self.recommender, "calls": self.asked, "words": self.words}
        return {**super().to_record(place), "recommender": told}


_NOTES: Final = {
    Action.ASK: "The recommender asked before it would play.",
    Action.NO_MATCH: "The recommender found no match.",
}


@dataclass(frozen=True)
class _Picked:
    ranked: Ranked
    calls: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def track_id(self) -> str | None:
        """What is to be played; None where nothing is."""
        return next(iter(self.ranked.track_ids), None)

    @property
    def thought(self) -> str:
        """The recommender's own note, or what is true of any answer of its kind."""
        if self.track_id is None:
            return self.ranked.thought or _NOTES[self.ranked.action]
        many = len(self.ranked.track_ids)
        ranked = f"The recommender ranked this track first of {many}." if many > 1 else ""
        return self.ranked.thought or ranked or "The recommender named this track alone."


async def recommend_from(chair: Chair, view: RecsysView, desk: Desk) -> ChairOutcome:
    """What the recommender in the chair does, with words.

    Raises:
        RecommenderError: it did not answer, or every allowed answer was none; all of them are in the ledger.
        AnswerError: the recsys's model found no words.
    """
    picked = await _ask_recommender(chair, view, desk)
    if picked.ranked.reply is None and chair.reply_by == "model":
        return await _worded_by_model(chair, view, desk, picked)
    words, by, templates = picked.ranked.reply, "recommender", dict[str, str]()
    if words is None and picked.track_id is None:
        words, by = refusals().refusal(chair.stream, [each.reply for each in view.exchanges]), "template"
        templates = {REFUSALS: refusals().digest}
    elif words is None:
        heard = [(_card(view, e.track_id), e.reply) for e in view.exchanges if e.track_id is not None]
        words, by = replies().reply(_card(view, picked.ranked.track_ids[0]), chair.stream, heard), "template"
        templates = {REPLIES: replies().digest}
    return _outcome(chair, picked, _answer(view, picked, words or ""), by, templates=templates)


def _answer(view: RecsysView, picked: _Picked, words: str) -> AnyRecsysAnswer:
    """Of the kind that the conversation takes."""
    if view.actions == PLAY_ALONE:
        return RecsysAnswer(thought=picked.thought, track_id=picked.track_id or "", message=words)
    done = picked.ranked.action
    return ActingRecsysAnswer(
        thought=picked.thought, action=done, track_id=picked.track_id or "", message=words
    )


async def _worded_by_model(chair: Chair, view: RecsysView, desk: Desk, picked: _Picked) -> ChairOutcome:
    """The pick, or that there is none, is put before the model as what it must do."""
    done, track_id = picked.ranked.action, picked.track_id or ""

    def check_acting(answer: ActingRecsysAnswer) -> str | None:
        if answer.action is not done:
            return f"action must be {done.value} this time, not {answer.action.value}"
        return check(answer)

    def check(answer: AnyRecsysAnswer) -> str | None:
        if answer.track_id.strip() != track_id:
            return f"track_id must be {track_id!r} this time, not {answer.track_id!r}"
        if not track_id:
            return check_unplayed(answer.message, view)
        checked = desk.prompts.rules >= RULES_WITH_TRUTH
        return check_reply(answer.message, track_id, view) if checked else None

    request = render_request(desk.prompts, worded_view(view, picked.track_id), desk.answer_format)
    if view.actions == PLAY_ALONE:
        return _worded(chair, picked, await ask(desk, request, RecsysAnswer, check))
    return _worded(chair, picked, await ask(desk, request, ActingRecsysAnswer, check_acting))


def _worded(
    chair: Chair, picked: _Picked, said: Outcome[RecsysAnswer] | Outcome[ActingRecsysAnswer]
) -> ChairOutcome:
    return _outcome(
        chair, picked, said.answer, "model", said.calls, said.problems, said.templates, said.adjusted
    )


def worded_view(view: RecsysView, track_id: str | None) -> RecsysView:
    """What the recsys's model reads when it is to find words for a pick, or for there being none."""
    if track_id is None:
        return view.model_copy(update={"decided": Action.NO_MATCH})
    return view.model_copy(update={"required_id": track_id})


def _outcome(
    chair: Chair,
    picked: _Picked,
    answer: AnyRecsysAnswer,
    by: str,
    calls: tuple[str, ...] = (),
    problems: tuple[str, ...] = (),
    templates: Mapping[str, str] | None = None,
    adjusted: str | None = None,
) -> ChairOutcome:
    return ChairOutcome(
        answer,
        picked.calls + calls,
        picked.problems + problems,
        templates or {},
        adjusted,
        recommender=chair.name,
        asked=len(picked.calls),
        words=by,
    )


async def _ask_recommender(chair: Chair, view: RecsysView, desk: Desk) -> _Picked:
    """Ask until an answer is one. What was refused before a failure stays so: see `Desk.retries`."""
    calls: list[str] = []
    problems: list[str] = []
    raw = ""
    for series in range(desk.retries + 1):
        refused: tuple[str, ...] = ()
        for step in range(desk.repairs + 1):
            attempt = series * (desk.repairs + 1) + step
            told = RecommenderView.of(view, chair.stream, attempt=attempt, problems=refused)
            request = recommender_request(told, chair.model)
            answered = await desk.calls.call(request, place=desk.place, attempt=attempt)
            calls.append(answered.key)
            raw = answered.reply.text
            ranked, problem = examine(answered.reply, told)
            if ranked is not None:
                return _Picked(ranked, tuple(calls), tuple(problems))
            problems.append(problem)
            refused = (*refused, problem)
    tries = "once" if len(calls) == 1 else f"{len(calls)} times"
    raise RecommenderError(
        f"{chair.name} was asked {tries} and gave no answer that can be used; the last time: {problems[-1]}",
        raw=raw,
        place=desk.place,
        hint=f"`segue recommender check {quote(chair.name)}` tries it; the same command again asks it anew",
    )


def examine(reply: Reply, view: RecommenderView) -> tuple[Ranked | None, str]:
    """(the answer, "") of a reply, else (None, why it is none)."""
    if reply.finish != "stop":
        return None, reply.finish_reason
    try:
        ranked = read_ranking(reply.text)
    except ValueError as error:
        return None, str(error)
    problem = check_ranking(ranked, view)
    return (None, problem) if problem else (ranked, "")


def _card(view: RecsysView, track_id: str) -> TrackCard:
    """A track of the pool, or one that was played when the pool was another."""
    played = (exchange.track for exchange in view.exchanges if exchange.track is not None)
    return next(card for card in (*view.pool, *played) if card.track_id == track_id)
