"""The data set's card: README.md, with the configurations that `datasets` loads and what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from ..core.escaping import visible
from .arrow import card_features
from .measuring.side_by_side import SideBySide
from .measuring.statistics import Statistics, ordered
from .parquet_files import FOLDERS
from .provenance import PAPER, PAPER_COST, Provenance, shares
from .writing import Exported

CONFIGS: Final = {
    "conversations": "default",
    "extras": "extras",
    "tracks": "tracks",
    "track_features": "track_features",
    "users": "users",
}
"""Table -> the name under which `datasets.load_dataset(DIR, NAME)` loads it."""

_ABOUT: Final = {
    "conversations": "one conversation a row, in the schema of TalkPlayData 2",
    "extras": "the same conversations: pool, profiling tracks, pacing, models, prompts, tokens, cost",
    "tracks": "metadata of every track named, in the schema of the challenge's track metadata",
    "track_features": "tempo, key and chords of the same tracks, where they are known",
    "users": "the listeners",
}

_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


@dataclass(frozen=True)
class Card:
    """What the card is made from.

    Attributes:
        licence: identifier that the user chose; None when none was chosen.
        test_from: first day of testing; None where nothing was split by time.
        thoughts: whether the thoughts were exported.
        pictures: files beside the card.
    """

    name: str
    exported: Exported
    provenance: Provenance | None = None
    licence: str | None = None
    test_from: date | None = None
    thoughts: bool = True
    pictures: Sequence[Path] = ()

    def text(self) -> str:
        """The whole of README.md."""
        head = yaml.safe_dump(self.header(), sort_keys=False, allow_unicode=True, width=110)
        parts = [
            f"---\n{head}---",
            f"# {_plain(self.name)}",
            "Conversations about music between a simulated listener and a simulated recommender, made with segue.",
            *self._tables(),
            *_statistics(self.exported.statistics),
            *(f"![{path.stem.replace('_', ' ')}]({path.as_posix()})" for path in self.pictures),
            *self._made(),
            "## Licence",
            f"`{self.licence}`" if self.licence else "No licence was chosen for this data set.",
        ]
        return "\n\n".join(parts) + "\n"

    def header(self) -> dict[str, Any]:
        """The card's YAML."""
        exported = self.exported
        counts = exported.splits["conversations"]
        total = sum(counts.values())
        size = next((name for most, name in _SIZES if total < most), "n>1M")
        return {
            **({"license": self.licence} if self.licence else {}),
            "pretty_name": self.name,
            "tags": ["music", "conversational-recommendation", "synthetic"],
            "size_categories": [size],
            "configs": [_config(table, splits) for table, splits in exported.splits.items()],
            "dataset_info": [
                {"config_name": CONFIGS[table], "features": card_features(exported.schemas[table])}
                for table in exported.splits
            ],
        }

    def _tables(self) -> Iterator[str]:
        rows = [
            (f"`{CONFIGS[table]}`", ", ".join(f"{s} {n:,}" for s, n in splits.items()), _ABOUT[table])
            for table, splits in self.exported.splits.items()
        ]
        yield "## Configurations"
        yield _markdown(["configuration", "rows", "what"], rows)
        if self.test_from:
            yield (
                f"Split by time: sessions from {self.test_from} on are for testing. A tester is warm when there "
                "is a conversation of theirs in `train`, else cold (`user_profile.user_split`)."
            )
        if not self.thoughts:
            yield "Thoughts were left out: `thought` is null in every message."
        if self.exported.lacking:
            yield f"Nothing is known of {self.exported.lacking:,} of the tracks; they are not in `tracks`."

    def _made(self) -> Iterator[str]:
        if self.provenance is not None and (self.provenance.runs or self.provenance.statuses):
            yield "## How it was made"
            yield from _provenance(self.provenance)
        if self.exported.models:
            yield _markdown(
                ["agent", "model", "conversations"],
                [
                    (agent, f"`{model}`", f"{n:,}")
                    for (agent, model), n in sorted(self.exported.models.items())
                ],
            )
            yield f"In {self.exported.repaired:,} conversations an answer was refused and asked for again."
        if self.exported.templates:
            yield "### Prompts"
            yield _markdown(
                ["template", "digest", "conversations"],
                [(f"`{t}`", f"`{d}`", f"{n:,}") for (t, d), n in sorted(self.exported.templates.items())],
            )


def _config(table: str, splits: Mapping[str, int]) -> dict[str, Any]:
    files = [{"split": split, "path": f"{FOLDERS[table]}/{split}.parquet"} for split in splits]
    config: dict[str, Any] = {"config_name": CONFIGS[table], "data_files": files}
    return {**config, "default": True} if table == "conversations" else config


def _statistics(statistics: Statistics) -> Iterator[str]:
    groups = statistics.groups()
    tables = [statistics.table(group) for group in groups]
    yield "## Statistics"
    yield _markdown(
        ["", *groups], [(name, *(_number(table[name]) for table in tables)) for name in tables[0]]
    )
    yield (
        "Lengths are words between white space, over the messages of both sides (track ids are no messages) and "
        "over the thoughts that are not blank. The vocabulary is the number of different tokens in the messages, "
        "in lower case; a token is letters and digits with inner apostrophes."
    )
    goals = [(row.about, row.of, *row.values) for row in SideBySide([statistics]).goals()]
    if goals:
        yield _markdown(["goals", "specificity", *groups], goals)
    counts = statistics.by_group[groups[0]].distributions
    shown = [(name.replace("_", " "), ordered(name, counts[name])) for name in counts if counts[name]]
    yield _markdown(
        ["distribution", "conversations"],
        [
            (name, ", ".join(f"{_plain(value)} {n:,}" for value, n in values.items()))
            for name, values in shown
        ],
    )


def _provenance(made: Provenance) -> Iterator[str]:
    for run in made.runs:
        plan = run["plan"]
        if "imported" in plan:
            yield f"`{run['run_id']}` was imported from {_plain(plan['imported'])}."
            continue
        yield (
            f"Run `{run['run_id']}` of {run['created'][:10]} on {_plain(run['catalog'])}: {plan.get('turns')} turns, "
            f"seed {plan.get('seed')}, prompts `{plan.get('prompts_digest')}`, "
            f"catalogue `{plan.get('catalog_digest')}`."
        )
    if made.failure_share is not None:
        errors = ", ".join(f"{name} {n:,}" for name, n in made.errors.most_common())
        yield (
            f"Of {made.statuses['done'] + made.statuses['failed']:,} conversations that ended, "
            f"{made.failure_share:.1%} failed{f' ({errors})' if errors else ''}; failed ones are not exported."
        )
    if made.tokens:
        yield "### Cost"
        yield _cost(made)


def _cost(made: Provenance) -> str:
    """All calls by agent, those of failed conversations included, next to the paper's shares."""
    done = made.statuses["done"] or 1
    rows = [
        (
            agent,
            f"{one.calls:,}",
            f"{one.usage.total:,}",
            f"{share:.1%}",
            _usd(one.cost),
            f"{PAPER[agent]:.1%}",
        )
        for (agent, one), share in zip(made.spent.items(), shares(made.spent.values()), strict=True)
    ]
    thousand = None if made.cost is None else 1000 * made.cost / done
    total = ("all", "", f"{made.tokens:,}", "", _usd(made.cost), "")
    a_thousand = ("for 1,000 conversations", "", "", "", _usd(thousand), f"${PAPER_COST:.2f}")
    columns = ["agent", "calls", "tokens", "share of tokens", "cost at list price", "TalkPlayData 2"]
    return _markdown(columns, [*rows, total, a_thousand])


def _usd(cost: float | None) -> str:
    return "no listed price" if cost is None else f"${cost:,.4f}" if cost < 1 else f"${cost:,.2f}"


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", visible(text))


def _plain(value: object) -> str:
    """A value of the data as plain text of Markdown: no tag, link or code."""
    return re.sub(r"([\\`*\[\]<>|])", r"\\\1", visible(str(value)))
