"""Statistics of a data set, gathered one conversation at a time.

Definitions: a word is a run of characters between white space; a message is what the listener or the recsys says
(a track id is none); a thought is one that is not blank; the vocabulary is the set of different tokens in all
messages, a token being letters and digits with inner apostrophes, in lower case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from ...core.text import WORD
from ...state.verdict_counts import VerdictCounts
from ..data_set import DataSet, conversations_of
from ..rows import ConversationRow, ExtraRow, TrackRow
from .action_counts import ActionCounts

ALL: Final = "all"
UNKNOWN: Final = "unknown"
SPECIFICITIES: Final = ("LL", "HL", "LH", "HH")
MOVES: Final = "MOVES_TOWARD_GOAL"
DISTRIBUTIONS: Final = (
    "topics",
    "specificities",
    "goals",
    "turns",
    "target_turns",
    "countries",
    "age_groups",
    "genders",
)


def tokens(text: str) -> list[str]:
    """The tokens of `text` that a vocabulary counts."""
    return WORD.findall(text.lower())


def word_count(text: str) -> int:
    """Words of `text`."""
    return len(text.split())


@dataclass
class RunningMean:
    """A mean of whole numbers, as its sum and count."""

    total: int = 0
    count: int = 0

    def add(self, value: int) -> None:
        self.total += value
        self.count += 1

    def merge(self, other: RunningMean) -> None:
        self.total += other.total
        self.count += other.count

    @property
    def value(self) -> float | None:
        """None of nothing."""
        return round(self.total / self.count, 2) if self.count else None


@dataclass
class GroupCounts:
    """Counts over some conversations.

    Attributes:
        lengths: words of `listener messages`, `recsys messages`, `listener thoughts`, `recsys thoughts`.
        by_turn: turn -> words of the listener's message.
        progress: turn -> labels; the label at turn t judges the track of turn t-1, that of turn 0 the last one.
        distributions: one of `DISTRIBUTIONS` -> value -> conversations.
        verdicts: of the conversations that have any.
        actions: of those in which the recsys may do something else than play.
    """

    conversations: int = 0
    users: set[str] = field(default_factory=set)
    tracks: set[str] = field(default_factory=set)
    vocabulary: set[str] = field(default_factory=set)
    lengths: dict[str, RunningMean] = field(default_factory=dict)
    by_turn: dict[int, RunningMean] = field(default_factory=dict)
    progress: dict[int, Counter[str]] = field(default_factory=dict)
    distributions: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in DISTRIBUTIONS}
    )
    verdicts: VerdictCounts = field(default_factory=VerdictCounts)
    actions: ActionCounts = field(default_factory=ActionCounts)

    def merge(self, other: GroupCounts) -> None:
        """Add another's counts."""
        self.conversations += other.conversations
        self.users |= other.users
        self.tracks |= other.tracks
        self.vocabulary |= other.vocabulary
        for name, mean in other.lengths.items():
            self.lengths.setdefault(name, RunningMean()).merge(mean)
        for turn, mean in other.by_turn.items():
            self.by_turn.setdefault(turn, RunningMean()).merge(mean)
        for turn, labels in other.progress.items():
            self.progress.setdefault(turn, Counter()).update(labels)
        for name, counter in other.distributions.items():
            self.distributions[name].update(counter)
        self.verdicts.merge(other.verdicts)
        self.actions.merge(other.actions)

    def mean(self, *names: str) -> float | None:
        """Mean words over several kinds of text."""
        both = RunningMean()
        for name in names:
            both.merge(self.lengths.get(name, RunningMean()))
        return both.value

    def moves_share(self, turn: int) -> float | None:
        """Share of the labels at `turn` that say the track moved toward the goal."""
        labels = self.progress.get(turn, Counter())
        return round(labels[MOVES] / labels.total(), 4) if labels.total() else None


def counts_of(row: ConversationRow, extra: ExtraRow | None = None) -> GroupCounts:
    """The counts of one conversation."""
    counts = GroupCounts(conversations=1)
    profile: Mapping[str, Any] = row.get("user_profile") or {}
    goal: Mapping[str, Any] = row.get("conversation_goal") or {}
    user = row.get("user_id") or profile.get("user_id")
    if user:
        counts.users.add(user)
    _count_messages(counts, row)
    _count_labels(counts, row, extra)
    values = {
        "topics": goal.get("category"),
        "specificities": goal.get("specificity"),
        "goals": f"{goal['category']}-{goal['specificity']}"
        if goal.get("category") and goal.get("specificity")
        else None,
        "turns": max((m["turn_number"] for m in row["conversations"]), default=0),
        "countries": profile.get("country_code") or profile.get("country_name"),
        "age_groups": profile.get("age_group"),
        "genders": profile.get("gender"),
    }
    if extra is not None and extra.get("actions"):
        counts.actions.add(row, extra)
    if extra is not None and extra.get("target_turn_count") is not None:
        values["target_turns"] = extra["target_turn_count"]
    for name, value in values.items():
        counts.distributions[name][UNKNOWN if value is None else str(value)] += 1
    return counts


def _count_messages(counts: GroupCounts, row: ConversationRow) -> None:
    for message in row["conversations"]:
        role, content = message["role"], message["content"] or ""
        side = "listener" if role == "user" else "recsys"
        thought = message.get("thought") or ""
        if thought.strip():
            counts.lengths.setdefault(f"{side} thoughts", RunningMean()).add(word_count(thought))
        if role == "music":
            counts.tracks.add(content)
            continue
        words = word_count(content)
        counts.lengths.setdefault(f"{side} messages", RunningMean()).add(words)
        counts.vocabulary.update(tokens(content))
        if role == "user":
            counts.by_turn.setdefault(message["turn_number"], RunningMean()).add(words)


def _count_labels(counts: GroupCounts, row: ConversationRow, extra: ExtraRow | None) -> None:
    for entry in row.get("goal_progress_assessments") or ():
        label = entry["goal_progress_assessment"]
        if label is not None:
            counts.progress.setdefault(entry["turn_number"], Counter())[label] += 1
    closing = extra.get("closing_assessment") if extra else None
    if closing:
        counts.progress.setdefault(0, Counter())[closing] += 1
    verdicts = extra.get("verdicts") if extra else None
    if verdicts:
        specificity = (row.get("conversation_goal") or {}).get("specificity")
        counts.verdicts.add(specificity, labels_of(row, closing), cast("list[Mapping[str, Any]]", verdicts))


def labels_of(row: ConversationRow, closing: str | None) -> dict[int, str]:
    """Turn -> the label of its track, which the listener gives a turn later; `closing` is the last one's."""
    given = {
        entry["turn_number"] - 1: label
        for entry in row.get("goal_progress_assessments") or ()
        if (label := entry["goal_progress_assessment"]) is not None
    }
    last = max((message["turn_number"] for message in row["conversations"]), default=0)
    return {**given, last: closing} if closing else given


@dataclass
class Statistics:
    """One data set's counts: of all of it, of each split, and of warm and cold testers.

    Attributes:
        by_group: `all`, then the splits, then `test_warm` and `test_cold` where they are known.
    """

    name: str
    by_group: dict[str, GroupCounts] = field(default_factory=dict)
    artist_names: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, row: ConversationRow, split: str, extra: ExtraRow | None = None) -> None:
        """Count one more conversation."""
        one = counts_of(row, extra)
        kind = (row.get("user_profile") or {}).get("user_split")
        for group in dict.fromkeys([ALL, split, *([kind] if kind in ("test_warm", "test_cold") else [])]):
            self.by_group.setdefault(group, GroupCounts()).merge(one)

    def add_artists(self, tracks: Mapping[str, TrackRow]) -> None:
        """Take from the tracks' metadata who plays what was recommended."""
        whole = self.by_group.get(ALL, GroupCounts())
        for track_id in whole.tracks:
            if track_id in tracks:
                self.artist_names[track_id] = tuple(tracks[track_id].get("artist_name") or ())

    def artists(self, group: str) -> int | None:
        """How many different names; None where no track's metadata is known."""
        tracks = self.by_group.get(group, GroupCounts()).tracks
        known = [self.artist_names[t] for t in tracks if t in self.artist_names]
        return len({name for names in known for name in names}) if known else None

    def groups(self) -> list[str]:
        """The names of the by_group: all, then train before test. A split that is the whole is left out."""
        order = [ALL, "train", "test", "test_warm", "test_cold"]
        whole = self.by_group[ALL].conversations if ALL in self.by_group else 0
        shown = [g for g in self.by_group if g == ALL or self.by_group[g].conversations < whole]
        return sorted(shown, key=lambda g: (order.index(g) if g in order else len(order), g))

    def table(self, group: str) -> dict[str, int | float | None]:
        """The rows of the paper's Table 4."""
        counts = self.by_group.get(group, GroupCounts())
        return {
            "conversations": counts.conversations,
            "users": len(counts.users),
            "tracks": len(counts.tracks),
            "artists": self.artists(group),
            "vocabulary": len(counts.vocabulary),
            "mean message length": counts.mean("listener messages", "recsys messages"),
            "mean listener message": counts.mean("listener messages"),
            "mean recsys message": counts.mean("recsys messages"),
            "mean thought length": counts.mean("listener thoughts", "recsys thoughts"),
            "mean listener thought": counts.mean("listener thoughts"),
            "mean recsys thought": counts.mean("recsys thoughts"),
        }

    def to_json(self) -> dict[str, Any]:
        """{data_set, groups: group -> {table, distributions, progress_by_turn, closing, listener_words_by_turn}};
        where there are verdicts, also {verdicts: specificity -> figures}; where the recsys may do something else than
        play, also {actions: figures}."""
        return {"data_set": self.name, "groups": {g: self._group(g) for g in self.groups()}}

    def _group(self, group: str) -> dict[str, Any]:
        counts = self.by_group[group]
        goals = counts.verdicts.groups()
        return {
            **{name.replace(" ", "_"): value for name, value in self.table(group).items()},
            "distributions": {name: ordered(name, counts.distributions[name]) for name in DISTRIBUTIONS},
            "moves_by_turn": {str(t): counts.moves_share(t) for t in sorted(counts.progress) if t},
            "moves_at_the_end": counts.moves_share(0),
            "listener_words_by_turn": {str(t): counts.by_turn[t].value for t in sorted(counts.by_turn)},
            **({"verdicts": {name: one.figures for name, one in goals.items()}} if goals else {}),
            **({"actions": counts.actions.figures} if counts.actions.conversations else {}),
        }


def ordered(name: str, counter: Counter[str]) -> dict[str, int]:
    """Value -> count of one of `DISTRIBUTIONS`: countries by frequency, all else in its natural order."""
    if name == "countries":
        return dict(sorted(counter.items(), key=lambda item: (item[0] == UNKNOWN, -item[1], item[0])))
    return {value: counter[value] for value in sorted(counter, key=_place)}


def _place(value: str) -> tuple[bool, int, str]:
    """Of a value among others: specificities as always, numbers by size, what is unknown last."""
    if value in SPECIFICITIES:
        return False, SPECIFICITIES.index(value), ""
    return value == UNKNOWN, len(value), value


def measure(dataset: DataSet) -> Statistics:
    """The statistics of a data set, read once, row by row."""
    statistics = Statistics(dataset.name)
    for split, row, extra in conversations_of(dataset):
        statistics.add(row, split, extra)
    statistics.add_artists(dataset.tracks())
    return statistics
