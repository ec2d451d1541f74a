"""What `bench_offline_pair.py` measures of a conversation, read from its document and its channels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from segue.models.offline.facts import TrackFacts
from segue.models.offline.understanding import Heard, Vocabulary, understand
from segue.models.offline.wishes import met
from segue.runs.preparation.proposals import facts_of
from segue.state.criteria_text import read_criteria
from segue.state.promises import promise_broken
from segue.state.truth import in_force, truths_of, verdicts_of
from segue.state.values import TrackCard

BLOCK = 1_000
_DELIGHT = re.compile(
    r"(?<!not )(?<!would )(?<!'d )\b(?:love[ds]?|lovely|perfect|wonderful|great|nice|spot on|exactly|precisely|bingo|brilliant|"
    r"beautiful|gorgeous|sweet|just right|goosebumps|good ear|keeper|yes|thank you|thanks|that's (?:it|the one)|at last|"
    r"hits home|gets me|i'm (?:glad|happy)|happy with|well chosen|well found|fits|works|cheers|made my \w+|turned it up|"
    r"my shoulders dropped|closed my eyes|hummed along)\b",
    re.IGNORECASE,
)
_DELIGHT_ES = re.compile(
    r"(?<!no )\b(?:me (?:gusta|encanta|puede|va)|precios[oa]|perfect[oa]|maravilla|genial|muy buena|exactamente|precisamente|bingo|"
    r"buen oído|sí|gracias|esa es|esa era|por fin|da en el clavo|encaja|cumple|es lo que decía|me ha entendido|lo ha pillado|"
    r"me (?:la|lo) quedo|me guardo|hurras|buen hallazgo|me ha alegrado|piel de gallina|subí el volumen|cerré los ojos)\b",
    re.IGNORECASE,
)
_DELIGHTS = {"English": _DELIGHT, "Spanish": _DELIGHT_ES}
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")
_SENTENCES = re.compile(r"(?<=[.!?…])\s+")


@dataclass(frozen=True)
class Message:
    """One turn. `label` is of the track before; `belongs`: said in search of a recorded later goal, or winding down."""

    turn: int
    text: str
    label: str | None
    reply: str
    belongs: bool


@dataclass(frozen=True)
class Talk:
    """One conversation.

    Attributes:
        met_at: turn whose track met the first goal by the verdicts; None where none did.
        labelled: (the listener's label says MOVES, what the verdict says) of every track.
        criteria: of the first goal.
    """

    failed: bool
    specificity: str
    said: tuple[Message, ...]
    met_at: int | None
    labelled: tuple[tuple[bool, bool | None], ...]
    criteria: str
    pool: tuple[TrackCard, ...]
    picks: tuple[TrackCard, ...]
    language: str = "English"

    @property
    def artists(self) -> set[str]:
        return {name for card in self.pool for name in card.artists}


def read_talk(document: Mapping[str, Any], channels: Mapping[str, Any]) -> Talk:
    if document["status"] != "done":
        return Talk(True, "", (), None, (), "", (), ())
    verdicts, truths = verdicts_of(channels), truths_of(channels)
    turns = document["turns"]
    labels = {turn["turn"] - 1: turn["listener"].get("progress") for turn in turns}
    if document.get("closing"):
        labels[len(turns)] = document["closing"].get("progress")
    cards = {key: TrackCard.from_json(card) for key, card in channels["tracks"].items()}
    met_at = next(
        (t for t, v in sorted(verdicts.items()) if v.goal_turn == truths[0].turn and v.reached), None
    )
    said, winding = [], False
    for turn in turns:
        step = turn["listener"].get("next_step")
        winding = step in ("wind_down", "stop")
        later = in_force(truths, turn["turn"]).turn > 0
        label = turn["listener"].get("progress")
        said.append(
            Message(
                turn["turn"], turn["listener"]["message"], label, turn["recsys"]["message"], winding or later
            )
        )
    return Talk(
        failed=False,
        specificity=document["goal"]["specificity"],
        said=tuple(said),
        met_at=met_at,
        labelled=tuple(
            (labels[t] == "MOVES_TOWARD_GOAL", verdict.moves)
            for t, verdict in sorted(verdicts.items())
            if labels.get(t)
        ),
        criteria=str(truths[0].criteria),
        pool=tuple(cards[i] for i in channels["pool_ids"]),
        picks=tuple(cards[turn["recsys"]["track_id"]] for turn in turns),
        language=document["persona"].get("language") or "English",
    )


def delighted(message: str, names: Iterable[str] = (), language: str = "English") -> bool:
    """Whether what is said of the last track sounds delighted; artists' names, titles and other quotations are left
    out, and the last sentence of several, which asks."""
    sentences = _SENTENCES.split(without_names(message, names))
    spoken = sentences[:-1] if len(sentences) > 1 else sentences
    return bool(_DELIGHTS[language].search(" ".join(spoken)))


def missed_better(talk: Talk) -> Iterator[bool]:
    """For each turn whether a track was open that meets more of the message's wishes than the one picked; another
    artist, where one is asked for, is a wish that only artists not played yet meet."""
    pool = [facts_of(card) for card in talk.pool]
    vocabulary = Vocabulary.of(pool, talk.language)
    played: list[TrackFacts] = []
    for message, card in zip(talk.said, talk.picks, strict=True):
        heard = understand(message.text, vocabulary, played[-1] if played else None)
        used = {track.track_id for track in played}
        scores = {t.track_id: _meets(t, heard, played) for t in pool if t.track_id not in used}
        yield max(scores.values()) > scores[card.track_id]
        played.append(facts_of(card))


def _meets(track: TrackFacts, heard: Heard, played: Sequence[TrackFacts]) -> int:
    names = {name for other in played for name in other.artists}
    fresh = heard.other_artist and names.isdisjoint(track.artists)
    return len(met(heard.wishes, track)) + fresh


def broken_promises(talk: Talk) -> str | None:
    """What the goal's criteria promise and the pool does not keep; None where it does."""
    if talk.failed:
        return None
    return promise_broken(read_criteria(talk.criteria), talk.specificity, talk.pool)


def distinct2(texts: Sequence[str]) -> float:
    pairs = [pair for text in texts for pair in pairwise(text.lower().split())]
    return len(set(pairs)) / len(pairs)


def phrases(text: str, names: Iterable[str]) -> set[str]:
    """Every five words in a row; artists' names, titles and other quotations are the catalogue's words, and break the
    row."""
    rows = [re.findall(r"[\w'’]+", part.lower()) for part in without_names(text, names).split("…")]
    return {" ".join(words[i : i + 5]) for words in rows for i in range(len(words) - 4)}


def without_names(text: str, names: Iterable[str]) -> str:
    """The text with `…` where an artist's name, a title or another quotation stands."""
    plain = _QUOTED.sub("…", text)
    for name in sorted(names, key=len, reverse=True):
        plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", plain, flags=re.IGNORECASE)
    return plain
