"""Opening: something on a store of its own, for `with` and `async with` alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from ...store.engine import Store

T = TypeVar("T")


class Opening(Generic[T]):
    """Opens a store when entered, closes it when left."""

    def __init__(self, open_store: Callable[[], Store], build: Callable[[Store], T]) -> None:
        self._open = open_store
        self._build = build
        self._store: Store | None = None

    def __enter__(self) -> T:
        self._store = self._open()
        return self._build(self._store)

    def __exit__(self, *_: object) -> None:
        if self._store is not None:
            self._store.close()

    async def __aenter__(self) -> T:
        self._store = await asyncio.to_thread(self._open)
        return self._build(self._store)

    async def __aexit__(self, *_: object) -> None:
        if self._store is not None:
            await asyncio.to_thread(self._store.close)
