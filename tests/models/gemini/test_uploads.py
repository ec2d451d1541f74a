"""Media with the provider: once for an account, again when gone, and never where inlining costs less."""

from __future__ import annotations

import asyncio

import pytest
from segue.core.errors import TransientModelError
from segue.models.delivery_options import MediaMode
from segue.models.gemini.resources import HeldFile
from segue.models.gemini.uploads import FILE_LIFE_S, MemoryFiles, Uploads
from segue.state.values import Medium

NOW = 1_700_000_000.0


def medium(number: int) -> Medium:
    return Medium(kind="image", digest=f"{number:032x}", mime_type="image/jpeg")


class Provider:
    """Takes uploads; each takes a moment, and the first `broken` fail."""

    def __init__(self, broken: int = 0) -> None:
        self.labels: list[str] = []
        self.running = self.peak = 0
        self._broken = broken

    async def upload(self, data: bytes, mime_type: str, label: str) -> HeldFile:
        self.running += 1
        self.peak = max(self.peak, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        self.labels.append(label)
        if len(self.labels) <= self._broken:
            raise TransientModelError("503")
        return HeldFile(
            f"files/{len(self.labels)}", f"https://host/files/{len(self.labels)}", NOW + FILE_LIFE_S
        )


def uploads(
    registry: MemoryFiles, mode: MediaMode = "upload", now: float = NOW, account: str = "a"
) -> Uploads:
    return Uploads(registry, account, str.encode, mode, clock=lambda: now)


async def test_concurrent_callers_upload_one_digest_once() -> None:
    provider, shared = Provider(), uploads(MemoryFiles())
    found = await asyncio.gather(*(shared.uris([medium(1), medium(2)], provider) for _ in range(20)))
    assert len(provider.labels) == 2 and all(one == found[0] for one in found)
    assert shared.counts["uploads"] == 2 and shared.counts["references"] == 40


async def test_a_later_process_takes_up_what_lives_and_sends_again_what_expired() -> None:
    registry, provider = MemoryFiles(), Provider()
    await uploads(registry).uris([medium(1)], provider)
    await uploads(registry, now=NOW + 40 * 3600).uris([medium(1)], provider)
    assert len(provider.labels) == 1
    fresh = await uploads(registry, now=NOW + FILE_LIFE_S - 60).uris([medium(1)], provider)
    assert len(provider.labels) == 2 and fresh == {medium(1).digest: "https://host/files/2"}


async def test_another_account_has_files_of_its_own() -> None:
    registry, provider = MemoryFiles(), Provider()
    await uploads(registry, account="a").uris([medium(1)], provider)
    await uploads(registry, account="b").uris([medium(1)], provider)
    assert len(provider.labels) == 2


async def test_what_the_provider_has_lost_is_sent_again() -> None:
    provider, shared = Provider(), uploads(MemoryFiles())
    await shared.uris([medium(1), medium(2)], provider)
    await shared.forget([medium(2)])
    found = await shared.uris([medium(1), medium(2)], provider)
    assert found[medium(1).digest].endswith("/1") and found[medium(2).digest].endswith("/3")


async def test_auto_inlines_what_is_sent_seldom() -> None:
    provider, shared = Provider(), uploads(MemoryFiles(), "auto")
    assert await shared.uris([medium(1)], provider) == {}
    assert await shared.uris([medium(1)], provider) == {}
    assert len(await shared.uris([medium(1)], provider)) == 1, "the third sending pays for the upload"
    assert len(await shared.uris([medium(2)], provider, uses=8)) == 1, "it will be sent eight times"


async def test_inline_uploads_nothing() -> None:
    provider = Provider()
    assert await uploads(MemoryFiles(), "inline").uris([medium(1)], provider, uses=100) == {}
    assert not provider.labels


async def test_a_failed_upload_is_raised_and_the_others_are_kept() -> None:
    registry, provider = MemoryFiles(), Provider(broken=1)
    shared = uploads(registry)
    with pytest.raises(TransientModelError):
        await shared.uris([medium(n) for n in range(5)], provider)
    assert len(registry.files) == 4
    assert len(await shared.uris([medium(n) for n in range(5)], provider)) == 5
    assert len(provider.labels) == 6


async def test_no_more_uploads_run_at_once_than_eight() -> None:
    provider = Provider()
    await uploads(MemoryFiles()).uris([medium(n) for n in range(40)], provider)
    assert provider.peak == 8
