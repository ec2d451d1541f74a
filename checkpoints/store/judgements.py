"""The table of judgements: every verdict on a conversation, under what it was given, with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from ...core.hashing import digest_of
from ..saver.database.dialects import exclusive
from .rows import columns_of, now, put_row, read_as
from .store import Store

Outcome = Literal["scored", "unscored", "not_applicable"]

JUDGEMENT_METADATA = sa.MetaData()
"""Of a table that is made with the first verdict, in stores of every schema version."""

JUDGEMENTS = sa.Table(
    "judgement",
    JUDGEMENT_METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False, index=True),
    sa.Column("case_digest", sa.String(32), nullable=False),
    sa.Column("corruption", sa.String(64), nullable=False),
    sa.Column("aspect", sa.String(64), nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("rubric", sa.String(32), nullable=False),
    sa.Column("repeat", sa.Integer, nullable=False),
    sa.Column("series", sa.Integer, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("score", sa.Integer),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("turns", sa.JSON, nullable=False),
    sa.Column("absent", sa.JSON, nullable=False),
    sa.Column("calls", sa.JSON, nullable=False),
    sa.Column("topic", sa.Text),
    sa.Column("specificity", sa.Text),
    sa.Column("created", sa.String(32), nullable=False),
)

_BATCH = 500


@dataclass(frozen=True)
class Judgement:
    """One verdict.

    Attributes:
        source: `thread`, or `data:` and the name of a data set.
        case_digest: of all that could be shown of the conversation.
        corruption: what was done to the conversation to try the judge out; empty for the real one.
        settings: parameters of the model, and the modalities shown.
        rubric: digest of the words it was judged under.
        repeat: from 0; each has a random stream of its own.
        series: how often the judge was asked anew after an unreadable answer.
        score: 1 to 4 for the conversation; None unless `outcome` is `scored`.
        reason: the judge's; or why there is no score.
        turns: [{turn, score, reason}] where turns are judged one by one.
        absent: what the judge would have been shown and the source does not have.
        calls: ledger keys, the last one the answer's.
    """

    source: str
    case_id: str
    case_digest: str
    aspect: str
    model: str
    settings: Mapping[str, Any]
    rubric: str
    repeat: int
    outcome: Outcome
    score: int | None = None
    reason: str = ""
    turns: Sequence[Mapping[str, Any]] = ()
    absent: Sequence[str] = ()
    calls: Sequence[str] = ()
    corruption: str = ""
    series: int = 0
    topic: str | None = None
    specificity: str | None = None
    created: str = field(default_factory=now)

    @property
    def key(self) -> str:
        """Digest of what was asked: asked again, it is the same verdict."""
        return judgement_key(self)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        plain = {"settings": dict(self.settings), "turns": [dict(t) for t in self.turns]}
        return {**columns_of(self), **plain, "absent": list(self.absent), "calls": list(self.calls)}


_ASKED = ("source", "case_id", "case_digest", "corruption", "aspect", "model", "rubric", "repeat")


def judgement_key(asked: Judgement) -> str:
    """The key of a verdict; `outcome` and what follows from it are no part of it."""
    named = {name: getattr(asked, name) for name in _ASKED}
    return digest_of({**named, "settings": dict(asked.settings)})


class Judgements:
    """Reading and writing of the table."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._there = False

    def find(self, key: str) -> Judgement | None:
        """The verdict under `key`."""
        if not self._exists():
            return None
        with self.store.read() as connection:
            row = connection.execute(JUDGEMENTS.select().where(JUDGEMENTS.c.key == key)).first()
        return read_as(Judgement, row) if row is not None else None

    async def put(self, judgement: Judgement) -> None:
        """Keep the verdict; it takes the place of an earlier one under the same key."""
        await self.store.looking_up(self._make)
        key = {"key": judgement.key}
        await self.store.submit(lambda connection: put_row(connection, JUDGEMENTS, key, judgement.to_json()))

    def add(self, judgements: Sequence[Judgement]) -> int:
        """Keep the verdicts that are not there yet; how many."""
        new = [verdict for verdict in judgements if self.find(verdict.key) is None]
        if new:
            self._make()
            rows = [{"key": verdict.key, **verdict.to_json()} for verdict in new]
            self.store.run(lambda connection: connection.execute(JUDGEMENTS.insert(), rows))
        return len(new)

    def list(
        self,
        *,
        source: str | None = None,
        case_ids: Sequence[str] | None = None,
        models: Sequence[str] = (),
        corrupted: bool | None = False,
    ) -> Iterator[Judgement]:
        """Verdicts in order of creation, filtered by whatever is given.

        Args:
            corrupted: True for those on corrupted conversations alone, False for the others, None for both.
        """
        if not self._exists():
            return
        query = JUDGEMENTS.select().order_by(JUDGEMENTS.c.created, JUDGEMENTS.c.key)
        if source is not None:
            query = query.where(JUDGEMENTS.c.source == source)
        if models:
            query = query.where(JUDGEMENTS.c.model.in_(list(models)))
        if corrupted is not None:
            clean = JUDGEMENTS.c.corruption == ""
            query = query.where(sa.not_(clean) if corrupted else clean)
        wanted = set(case_ids) if case_ids is not None else None
        if wanted is not None and len(wanted) <= _BATCH:
            query = query.where(JUDGEMENTS.c.case_id.in_(sorted(wanted)))
        with self.store.read() as connection:
            for row in connection.execution_options(yield_per=_BATCH).execute(query):
                if wanted is None or row.case_id in wanted:
                    yield read_as(Judgement, row)

    def models(self) -> Sequence[str]:
        """Whose verdicts there are, in order."""
        if not self._exists():
            return []
        with self.store.read() as connection:
            named = sa.select(JUDGEMENTS.c.model).distinct().order_by(JUDGEMENTS.c.model)
            return connection.scalars(named).all()

    def _exists(self) -> bool:
        if not self._there:
            with self.store.read() as connection:
                self._there = sa.inspect(connection).has_table(JUDGEMENTS.name)
        return self._there

    def _make(self) -> None:
        if not self._exists():
            with exclusive(self.store.engine) as connection:
                JUDGEMENT_METADATA.create_all(connection)
