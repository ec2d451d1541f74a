"""Pools too large to be shown: the catalogues of what a process plays, searched for each turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

from ...catalog.catalog import Catalog
from ...catalog.media import MediaLibrary
from ...catalog.opening import open_catalog
from ...checkpoints import Store
from ...checkpoints.store.run_sessions import RunSessions
from ...checkpoints.store.threads import Threads
from ...core.errors import CatalogError, ConfigError
from ...core.places import cache_folder
from ...graph.context import Shortlister
from ...prompts.library import PromptLibrary
from ...recommenders.retrieval.retriever import Among, Retriever, open_retriever
from ...sessions.pools import WidePool
from ...state.views import RecsysView
from ..plan import RunPlan
from .first_states import Preparation

POOLS_KEPT = 256
"""Conversations of a plan whose pool is remembered from turn to turn."""


@dataclass(frozen=True)
class SearchedPool:
    """The pool of each conversation of one plan. May be asked from several threads at once."""

    preparation: Preparation
    retriever: Retriever
    _known: dict[str, tuple[WidePool, Among | None]] = field(default_factory=dict, repr=False)

    def shortlist(self, view: RecsysView, session_id: str) -> dict[str, dict[str, Any]]:
        """See `Shortlister`. What was played is not among them; the track that has to be played is."""
        count = self.preparation.plan.shortlist_size
        assert count is not None, "a pool that is shown whole is not searched"
        pool, places = self._pool_of(session_id)
        found = self.retriever.rank(view, count, among=places, without=pool.left_out)
        required = view.required_id
        if required is not None and required not in found:
            found = [*found[: count - 1], required]
        return self.preparation.cards(found, session_id)

    def problem_with(self, track_id: str, session_id: str) -> str | None:
        """Why a track cannot be played in that conversation, or None."""
        pool, _ = self._pool_of(session_id)
        there = self.retriever.knows(track_id) if pool.ids is None else track_id in pool.ids
        if there and track_id not in pool.left_out:
            return None
        return f"track_id {track_id!r} is not in the pool; copy one id exactly"

    def _pool_of(self, session_id: str) -> tuple[WidePool, Among | None]:
        """The pool, and where its tracks stand; None for the whole catalogue."""
        found = self._known.get(session_id)
        if found is None:
            while len(self._known) >= POOLS_KEPT:
                self._known.pop(next(iter(self._known)), None)
            pool = self.preparation.wide_pool(session_id)
            places = None if pool.ids is None else self.retriever.places(pool.ids)
            found = self._known[session_id] = (pool, places)
        return found


class SearchedPools:
    """What is searched, opened once each: catalogues that are told, or found where their run was started with them.

    Args:
        say: told of indexes that are made.
    """

    def __init__(
        self, store: Store, media: MediaLibrary, say: Callable[[str], None] = lambda text: None
    ) -> None:
        self._store, self._media, self._say = store, media, say
        self._catalogs: dict[str, tuple[Catalog, bool]] = {}
        self._retrievers: dict[tuple[str, str, int], Retriever] = {}
        self._opened: dict[str, SearchedPool] = {}
        self._lock = RLock()

    @cached_property
    def _prompts(self) -> PromptLibrary:
        """Whatever it says: what is drawn of a session depends on the templates' names alone."""
        return PromptLibrary()

    def know(self, catalog: Catalog, allow_missing_media: bool = False) -> None:
        """A catalogue that is at hand."""
        self._catalogs.setdefault(catalog.digest, (catalog, allow_missing_media))

    def ready(self, catalog: Catalog, plan: RunPlan, allow_missing_media: bool = False) -> None:
        """Know the catalogue, and make its index if the plan wants one, before many would at once."""
        self.know(catalog, allow_missing_media)
        if plan.shortlist_size is not None:
            with self._lock:
                self._retriever(catalog, plan)

    def open(self, thread_id: str, plan: RunPlan) -> SearchedPool:
        """The pools of a plan, of which that conversation is one.

        Raises:
            ConfigError: its catalogue is not where it was, or is another one by now, or a package is missing.
            CacheError: the index cannot be kept.
        """
        with self._lock:
            key = plan.model_copy(update={"answer_forms": {}}).model_dump_json()
            if key not in self._opened:
                catalog, allow_missing = self._catalog(thread_id, plan)
                preparation = Preparation(plan, catalog, self._media, self._prompts, allow_missing)
                self._opened[key] = SearchedPool(preparation, self._retriever(catalog, plan))
            return self._opened[key]

    def shortlister(self, thread_id: str, plan: RunPlan) -> Shortlister | None:
        """What searches the pool of a conversation; opened when it is first asked. None where that is shown whole."""
        return _Search(self, thread_id, plan) if plan.shortlist_size is not None else None

    def _retriever(self, catalog: Catalog, plan: RunPlan) -> Retriever:
        key = (catalog.digest, plan.retriever, plan.lyrics_chars)
        if key not in self._retrievers:
            self._retrievers[key] = open_retriever(
                catalog,
                plan.retriever,
                lyrics_chars=plan.lyrics_chars,
                folder=index_folder(),
                say=self._say,
            )
        return self._retrievers[key]

    def _catalog(self, thread_id: str, plan: RunPlan) -> tuple[Catalog, bool]:
        known = self._catalogs.get(plan.catalog_digest)
        if known is not None:
            return known
        thread = Threads(self._store).find(thread_id)
        start: Mapping[str, Any] = RunSessions(self._store).start(thread.run_id) if thread else {}
        catalog = _stored_catalog(thread_id, plan, start)
        self._catalogs[catalog.digest] = (catalog, bool(start.get("allow_missing_media")))
        return self._catalogs[catalog.digest]


def _stored_catalog(thread_id: str, plan: RunPlan, start: Mapping[str, Any]) -> Catalog:
    """The catalogue that a run was started with."""
    searched = f"conversation {thread_id} searches the catalogue of its run"
    hint = "name it with --catalog"
    if "catalog" not in start:
        raise ConfigError(f"{searched}, and the store does not say where that is", hint=hint)
    location = start["catalog"]
    try:
        catalog = open_catalog(location, session_gap=start.get("session_gap"))
    except CatalogError as error:
        raise ConfigError(f"{searched}: {error.message}", hint=hint) from error
    require_same_catalog(catalog, plan, location)
    return catalog


def require_same_catalog(catalog: Catalog, plan: RunPlan, named: str) -> None:
    """Raises `ConfigError` where the catalogue is not the one of the plan."""
    if catalog.digest != plan.catalog_digest:
        raise ConfigError(
            f"{named} is not the catalogue of run {plan.run_id}: its digest is {catalog.digest[:12]}, the run's "
            f"{plan.catalog_digest[:12]}",
            hint="name the run's own with --catalog",
        )


@dataclass(frozen=True)
class _Search:
    """`Shortlister` of one conversation."""

    pools: SearchedPools
    thread_id: str
    plan: RunPlan

    async def __call__(self, view: RecsysView, session_id: str) -> Mapping[str, dict[str, Any]]:
        return await asyncio.to_thread(self._found, view, session_id)

    def _found(self, view: RecsysView, session_id: str) -> Mapping[str, dict[str, Any]]:
        return self.pools.open(self.thread_id, self.plan).shortlist(view, session_id)


def index_folder() -> Path:
    """Where indexes are kept: they can be made again."""
    return cache_folder() / "indexes"
