"""Stored threads as a data set: what was played to its end, and what was imported, straight from the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import sqlalchemy as sa

from ..catalog.catalog import Catalog
from ..checkpoints import Store
from ..checkpoints.store.imported import STATUS, Imported
from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.schema import THREADS
from ..models.costs.prices import PriceTable
from ..state.channels import RULES_WITH_TRUTH
from .absent_fields import absent_fields
from .data_set import ExtraRows
from .opening import DataSet
from .rows import ConversationRow, ExtraRow, TrackRow, UserRow
from .splitting import TRAIN, UNSPLIT, DatedConversation, SplitPlan, Splitting, plan_splits
from .state_rows import (
    extra_of,
    row_of,
    session_facts,
    track_row_of_card,
    track_row_of_track,
    user_of,
)


@dataclass(frozen=True, slots=True)
class _Listed:
    """One conversation of the data set: where it is, and what it is called there."""

    thread_id: str
    source: str
    session_id: str
    split: str
    user_split: str | None
    imported: bool
    verified: bool = False
    acting: bool = False


@dataclass(frozen=True)
class _Read:
    """One conversation as it was read last."""

    listed: _Listed
    row: ConversationRow
    extra: ExtraRow
    tracks: Sequence[TrackRow]


class ThreadDataSet(DataSet):
    """Conversations of the store. Of each only its ids are held; what was read last is kept for `extras`."""

    def __init__(
        self,
        name: str,
        reader: StoreReader,
        prices: PriceTable,
        listed: Sequence[_Listed],
        plan: SplitPlan,
        catalog: Catalog | None,
    ) -> None:
        self.name = name
        self.plan = plan
        self._reader = reader
        self._prices = prices
        self._listed = {one.session_id: one for one in listed}
        self._catalog = catalog
        self._last: _Read | None = None
        self._tracks: dict[str, TrackRow] = {}
        self._users: dict[str, UserRow] = {}
        self._unread = set(self._listed)

    @cached_property
    def splits(self) -> Mapping[str, int]:
        counts: dict[str, int] = dict.fromkeys(self.plan.names(), 0)
        for one in self._listed.values():
            counts[one.split] = counts.get(one.split, 0) + 1
        return {name: count for name, count in counts.items() if count}

    @property
    def thread_ids(self) -> Mapping[str, str]:
        """Session id -> thread id."""
        return {one.session_id: one.thread_id for one in self._listed.values()}

    def rows(self, split: str | None = None) -> Iterator[ConversationRow]:
        for name in self.splits:
            for one in self._listed.values():
                if one.split == name and split in (None, name):
                    yield self._read(one).row

    def tracks(self) -> Mapping[str, TrackRow]:
        """All tracks of the conversations. Those not read yet are read for it."""
        self._read_all()
        return self._tracks

    def users(self) -> Mapping[str, UserRow]:
        """All listeners of the conversations. Those not read yet are read for it."""
        self._read_all()
        return self._users

    def extras(self) -> Mapping[str, ExtraRow]:
        return ExtraRows(self._listed, lambda name: self._read(self._listed[name]).extra)

    def verified(self) -> bool:
        """Those that were played are known by their rules; those that were imported are read for it."""
        if any(one.verified for one in self._listed.values()):
            return True
        imported = (one for one in self._listed.values() if one.imported)
        return any("verdicts" in self._read(one).extra for one in imported)

    def acting(self) -> bool:
        """As `verified`."""
        if any(one.acting for one in self._listed.values()):
            return True
        imported = (one for one in self._listed.values() if one.imported)
        return any("actions" in self._read(one).extra for one in imported)

    def _read_all(self) -> None:
        for session_id in sorted(self._unread):
            self._read(self._listed[session_id])

    def _read(self, one: _Listed) -> _Read:
        if self._last is not None and self._last.listed is one:
            return self._last
        read = self._read_imported(one) if one.imported else self._read_played(one)
        self._last = read
        if one.session_id in self._unread:
            self._unread.discard(one.session_id)
            self._note(read)
        return read

    def _note(self, read: _Read) -> None:
        for track in read.tracks:
            self._tracks.setdefault(track["track_id"], track)
        user = user_of(read.row)
        if user is not None:
            self._users.setdefault(user["user_id"], user)

    def _read_played(self, one: _Listed) -> _Read:
        thread = self._reader.threads.get(one.thread_id)
        channels = self._reader.state(thread)
        row = row_of(channels, session_id=one.session_id, source=one.source, user_split=one.user_split)
        calls = self._reader.calls(thread, channels)
        extra = extra_of(thread, channels, calls, self._prices, session_id=one.session_id)
        extra["absent"] = absent_fields(row)
        cards = channels.get("tracks", {})
        new = (cards[track_id] for track_id in cards if track_id not in self._tracks)
        known = self._catalog
        if known is None or thread.config["catalog_digest"] != known.digest:
            return _Read(one, row, extra, [track_row_of_card(card) for card in new])
        return _Read(one, row, extra, [track_row_of_track(known.track(c["track_id"])) for c in new])

    def _read_imported(self, one: _Listed) -> _Read:
        found = self._reader.imported.find(one.thread_id)
        if found is None:
            raise KeyError(one.thread_id)
        row, extra = cast(ConversationRow, found.row), _imported_extra(found)
        if row["session_id"] != one.session_id:
            row["session_id"] = extra["session_id"] = one.session_id
            extra.setdefault("source_session_id", one.source)
        return _Read(one, row, extra, cast(list[TrackRow], found.tracks))


def _imported_extra(found: Imported) -> ExtraRow:
    """Our own columns as they came with the row; else what there is to say of a row from elsewhere."""
    if found.extra is not None:
        return cast(ExtraRow, found.extra)
    row = cast(ConversationRow, found.row)
    return {"session_id": row["session_id"], "thread_id": found.thread_id, "absent": absent_fields(row)}


def dataset_of(
    reader: StoreReader,
    prices: PriceTable,
    *,
    run: str | None = None,
    include_altered: bool = False,
    branches: bool = True,
    splitting: Splitting = UNSPLIT,
    catalog: Catalog | None = None,
    name: str | None = None,
) -> ThreadDataSet:
    """The finished and the imported conversations of the store, in order of creation.

    Args:
        prices: for what each conversation cost.
        run: only this run, by its name or the start of its id.
        include_altered: with what was made under a widened or narrowed partition.
        branches: with what was branched from another thread.
        splitting: for what was played here; imported conversations stay in the splits they came in, unless it says
            otherwise.
        catalog: with the whole metadata of the tracks of conversations played on it. Of other tracks there is
            what the conversations were shown.

    Raises:
        NotFoundError: `run` is no run, or several.
    """
    run_id = reader.runs.chosen(run)
    imported = {
        each: split if splitting.imported else TRAIN for each, split in reader.imported.splits(run_id)
    }
    played = _find_played(reader.store, run_id, include_altered=include_altered, branches=branches)
    names = _names(played)
    dated = [DatedConversation(row.thread_id, *session_facts(row.session_id)) for row in played]
    plan = plan_splits(dated, splitting, lambda thread_id: _cell(reader, thread_id))
    listed = [_list_played(row, names, plan) for row in played]
    listed += _list_imported(reader, imported, {one.session_id for one in listed})
    return ThreadDataSet(name or (f"run {run}" if run else "store"), reader, prices, listed, plan, catalog)


def _list_played(row: sa.Row[Any], names: Mapping[str, str], plan: SplitPlan) -> _Listed:
    return _Listed(
        thread_id=row.thread_id,
        source=row.session_id,
        session_id=names[row.thread_id],
        split=plan.split[row.thread_id],
        user_split=plan.user_split[row.thread_id],
        imported=False,
        verified=(row.rules or 1) >= RULES_WITH_TRUTH,
        acting=row.actions is not None,
    )


def count_branches(reader: StoreReader, run: str | None = None, *, include_altered: bool = False) -> int:
    """How many more conversations `branches` adds. For the arguments see `dataset_of`."""
    run_id = reader.runs.chosen(run)
    with_branches, without = (
        len(_find_played(reader.store, run_id, include_altered=include_altered, branches=branches))
        for branches in (True, False)
    )
    return with_branches - without


def _find_played(
    store: Store, run: str | None, *, include_altered: bool, branches: bool
) -> Sequence[sa.Row[Any]]:
    """(thread_id, session_id, rules, actions) of what is done; ten thousand whole threads would be much to hold."""
    rules = THREADS.c.config["answer_rules"].as_integer().label("rules")
    actions = THREADS.c.config["actions"].as_string().label("actions")
    query = sa.select(THREADS.c.thread_id, THREADS.c.session_id, rules, actions)
    query = query.where(THREADS.c.status == "done")
    if run is not None:
        query = query.where(THREADS.c.run_id == run)
    if not include_altered:
        query = query.where(THREADS.c.altered.is_(False))
    if not branches:
        query = query.where(THREADS.c.parent.is_(None))
    with store.read() as connection:
        return list(connection.execute(query.order_by(THREADS.c.created, THREADS.c.thread_id)))


def _names(played: Sequence[sa.Row[Any]]) -> dict[str, str]:
    """Thread id -> its session id in the data set.

    The first conversation on a session bears the session's own id, as published; each further one (of another
    run, or a branch) has its thread's id appended, so that ids stay unique and stay what they were when more
    conversations are added.
    """
    seen: set[str] = set()
    names: dict[str, str] = {}
    for row in played:
        again = row.session_id in seen
        names[row.thread_id] = f"{row.session_id}__{row.thread_id}" if again else row.session_id
        seen.add(row.session_id)
    return names


def _list_imported(reader: StoreReader, splits: Mapping[str, str], taken: set[str]) -> Iterator[_Listed]:
    query = sa.select(THREADS.c.thread_id, THREADS.c.session_id).where(THREADS.c.status == STATUS)
    with reader.store.read() as connection:
        sessions = {row.thread_id: row.session_id for row in connection.execute(query)}
    for thread_id, split in splits.items():
        session_id = sessions[thread_id]
        unique = session_id not in taken
        taken.add(session_id)
        yield _Listed(
            thread_id=thread_id,
            source=session_id,
            session_id=session_id if unique else f"{session_id}__{thread_id}",
            split=split,
            user_split=None,
            imported=True,
        )


def _cell(reader: StoreReader, thread_id: str) -> tuple[str | None, str | None, str | None]:
    """Country, gender and age group of the thread's listener."""
    facts = reader.state(reader.threads.get(thread_id)).get("demographics", {})
    return facts.get("country_code") or facts.get("country_name"), facts.get("gender"), facts.get("age_group")
