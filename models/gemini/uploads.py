"""`Uploads`: media kept with the provider, each sent once for an account and named by all who need it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from ...state.values import Medium
from ..content import ReadMedia
from ..delivery_options import MediaMode
from .resources import HeldFile

FILE_LIFE_S: Final = 48 * 3600.0
"""How long Gemini keeps a file."""
MARGIN_S: Final = 600.0
"""A file that expires sooner than this counts as gone: a request may be on its way for so long."""
AT_ONCE: Final = 8
"""Uploads side by side."""
PAYS_AFTER: Final = 3
"""Sendings from which on an upload is cheaper. A clip or cover of 20 kB: inlined, 27 kB on the wire and 0.4 ms of
CPU (facts measured: 45 ms for 64 of them, against 21 ms for 64 references), together 2.5 ms at 100 Mbit/s;
uploaded, 20 kB and two requests of 3 ms each, 7.6 ms. Tokens cost the same either way."""


class FileRegistry(Protocol):
    """Where it is kept which media lie with the provider, for all processes and for later ones."""

    async def find_files(self, account: str, digests: Iterable[str]) -> Mapping[str, HeldFile]: ...

    async def add_file(self, account: str, digest: str, file: HeldFile, size: int) -> None: ...

    async def drop_files(self, account: str, digests: Iterable[str]) -> None: ...


class Uploader(Protocol):
    """The provider's side."""

    async def upload(self, data: bytes, mime_type: str, label: str) -> HeldFile: ...


@dataclass
class Uploads:
    """Decides which media travel as references, and sees to it that what is referred to is there.

    Belongs to one event loop; shared by all conversations of a process.

    Attributes:
        account: stands for the key and the address that files belong to; never the key itself.
        margin_s: a file must live so much longer to be referred to.
        clock: seconds since 1970.
        counts: `uploads`, `upload_bytes`, `references`, `inlined`, `lost`.
    """

    registry: FileRegistry
    account: str
    read: ReadMedia
    mode: MediaMode = "auto"
    margin_s: float = MARGIN_S
    clock: Callable[[], float] = time.time
    counts: Counter[str] = field(default_factory=Counter)
    _sent: Counter[str] = field(default_factory=Counter)
    _under_way: dict[str, asyncio.Task[HeldFile]] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def uris(self, media: Iterable[Medium], uploader: Uploader, *, uses: int = 1) -> dict[str, str]:
        """Digest -> address, for the media that are better referred to; the others are to be inlined.

        Args:
            uses: how often the caller expects to send the same media, this time included.

        Raises:
            ModelError: an upload failed; what had come through is kept.
        """
        wanted = {medium.digest: medium for medium in media}
        if self.mode == "inline" or not wanted:
            self.counts["inlined"] += len(wanted)
            return {}
        known = await self._alive(wanted)
        chosen = [m for digest, m in wanted.items() if digest not in known and self._pays(digest, uses)]
        made = await self._upload_all(chosen, uploader)
        uris = {digest: file.uri for digest, file in {**known, **made}.items()}
        self._sent.update(wanted.keys())
        self.counts["references"] += len(uris)
        self.counts["inlined"] += len(wanted) - len(uris)
        return uris

    async def forget(self, media: Iterable[Medium]) -> None:
        """The provider has lost one of these, and names just the first: all of them count as gone."""
        known = await self.registry.find_files(self.account, {medium.digest for medium in media})
        self.counts["lost"] += len(known)
        await self.registry.drop_files(self.account, list(known))

    def _pays(self, digest: str, uses: int) -> bool:
        """The rule of `auto`: what is to be sent often enough, or was."""
        return self.mode == "upload" or self._sent[digest] + uses >= PAYS_AFTER

    async def _alive(self, wanted: Iterable[str]) -> dict[str, HeldFile]:
        known = await self.registry.find_files(self.account, wanted)
        latest = self.clock() + self.margin_s
        return {digest: file for digest, file in known.items() if file.expires > latest}

    async def _upload_all(self, media: Iterable[Medium], uploader: Uploader) -> dict[str, HeldFile]:
        tasks = {medium.digest: self._task(medium, uploader) for medium in media}
        if not tasks:
            return {}
        # Shielded: others may be waiting for the same file when this conversation is stopped.
        done = await asyncio.gather(*map(asyncio.shield, tasks.values()), return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome
        return {digest: task.result() for digest, task in tasks.items()}

    def _task(self, medium: Medium, uploader: Uploader) -> asyncio.Task[HeldFile]:
        """The upload of the medium that is under way, or a new one."""
        task = self._under_way.get(medium.digest)
        if task is None:
            task = asyncio.create_task(self._upload(medium, uploader))
            self._under_way[medium.digest] = task
            task.add_done_callback(lambda _: self._under_way.pop(medium.digest, None))
        return task

    async def _upload(self, medium: Medium, uploader: Uploader) -> HeldFile:
        async with self._slots:
            data = await asyncio.to_thread(self.read, medium.digest)
            file = await uploader.upload(data, medium.mime_type, f"segue {medium.digest}")
        if not file.expires:
            file = HeldFile(file.name, file.uri, self.clock() + FILE_LIFE_S)
        await self.registry.add_file(self.account, medium.digest, file, len(data))
        self.counts["uploads"] += 1
        self.counts["upload_bytes"] += len(data)
        return file


class MemoryFiles:
    """A registry in memory, for tests and for a process alone."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], HeldFile] = {}

    async def find_files(self, account: str, digests: Iterable[str]) -> Mapping[str, HeldFile]:
        return {d: self.files[account, d] for d in digests if (account, d) in self.files}

    async def add_file(self, account: str, digest: str, file: HeldFile, size: int) -> None:
        self.files[account, digest] = file

    async def drop_files(self, account: str, digests: Iterable[str]) -> None:
        for digest in digests:
            self.files.pop((account, digest), None)
