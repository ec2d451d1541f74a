"""The offline model behind Gemini's interface: agents talk to it over HTTP, with media, faults, repairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from PIL import Image
from segue.agents.asking import Desk
from segue.agents.recsys import recommend
from segue.catalog.clips.cutting import cut_clip, scale_cover
from segue.catalog.media import MediaLibrary
from segue.core.errors import Place
from segue.core.hashing import digest
from segue.models.caller import Caller
from segue.models.costs.prices import cost_usd, load_prices
from segue.models.factory import ChatModel
from segue.models.ledger import MemoryLedger
from segue.models.limits import Backoff, Limits
from segue.prompts.library import PromptLibrary
from segue.state.values import Agent, Medium, Profile, TrackCard
from segue.state.views import RecsysExchange, RecsysView
from support.gemini.client import gemini
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer

TAGS = (("calm", "folk"), ("loud", "metal"), ("happy", "pop"), ("dreamy", "ambient"))
PROFILE = Profile(preferred_musical_culture="Nordic folk", top_1_artist="Artist 0", top_1_genre="folk")


def keep(folder: Path, kind: str, data: bytes) -> Medium:
    """Put prepared bytes where the library reads them."""
    path = folder / "blobs" / digest(data)[:2] / digest(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if kind == "audio":
        return Medium(kind="audio", digest=digest(data), mime_type="audio/mp3", seconds=3.0)
    return Medium(kind="image", digest=digest(data), mime_type="image/jpeg")


def card(folder: Path, number: int) -> TrackCard:
    song, cover = folder / f"{number}.wav", folder / f"{number}.png"
    soundfile.write(song, np.sin(np.arange(8000 * 5) / (5 + number)) / 2, 8000)
    Image.new("RGB", (64, 64), (40 * number, 90, 120)).save(cover)
    return TrackCard(
        track_id=f"track-{number}",
        title=f"Song {number}",
        artists=(f"Artist {number}",),
        tags=TAGS[number],
        tempo=80.0 + 20 * number,
        audio=keep(folder, "audio", cut_clip(song, "t", 3.0).data),
        image=keep(folder, "image", scale_cover(cover, "t")),
    )


def view(pool: tuple[TrackCard, ...], *exchanges: RecsysExchange, ask: str) -> RecsysView:
    return RecsysView(
        modalities=("text", "audio", "image"),
        profile=PROFILE,
        pool=pool,
        exchanges=exchanges,
        message=ask,
        turn=len(exchanges) + 1,
        turns=8,
    )


def desk(model: ChatModel, ledger: MemoryLedger, media: MediaLibrary, turn: int) -> Desk:
    quick = Backoff(base_s=0.01, cap_s=0.02)
    caller = Caller(dict.fromkeys(Agent, model), ledger, media, Limits(2), "stream", backoff=quick)
    return Desk(PromptLibrary(), caller, Place("thread-1", turn, "recsys"))


async def test_the_recsys_converses_through_faults_and_pays_for_every_answer(tmp_path: Path) -> None:
    pool = tuple(card(tmp_path, number) for number in range(4))
    ledger, media = MemoryLedger(), MediaLibrary(tmp_path)
    faults = FaultPlan([Fault.RATE_LIMIT, None, Fault.UNKNOWN_ID, Fault.REPEATED_ID, Fault.DROPPED, None])
    with GeminiServer(faults=faults, retry_s=0.01) as server:
        async with gemini(server) as model:
            first = await recommend(view(pool, ask="Something loud, please."), desk(model, ledger, media, 1))
            past = RecsysExchange(
                turn=1,
                message="Something loud, please.",
                thought=first.answer.thought,
                track_id=first.answer.track_id,
                reply=first.answer.message,
            )
            second = await recommend(
                view(pool, past, ask="And now a calm one?"), desk(model, ledger, media, 2)
            )
    picks = [first.answer.track_id, second.answer.track_id]
    assert picks == ["track-1", "track-0"], "the offline model heard what was asked for, over the wire"
    assert (len(first.problems), len(second.problems)) == (0, 2)
    assert [e.fault for e in server.exchanges] == [
        Fault.RATE_LIMIT, None, Fault.UNKNOWN_ID, Fault.REPEATED_ID, Fault.DROPPED, None,
    ]  # fmt: skip
    assert set(ledger.calls) == {*first.calls, *second.calls} and len(ledger.calls) == 4
    spent = sum(cost_usd(c.reply.usage, c.model, load_prices()) for c in ledger.calls.values())
    billed = [e.usage for e in server.exchanges if e.usage]
    assert sum(c.reply.usage.total for c in ledger.calls.values()) == sum(
        u["totalTokenCount"] for u in billed
    )
    assert spent > 0
    for asked in server.asks:
        assert [b.digest for b in asked.media] == [m.digest for c in pool for m in (c.audio, c.image) if m]


async def test_the_schema_on_the_wire_leaves_out_what_was_recommended(tmp_path: Path) -> None:
    pool = tuple(card(tmp_path, number) for number in range(3))
    past = RecsysExchange(turn=1, message="Hi.", thought="It fits.", track_id="track-1", reply="Try this.")
    with GeminiServer() as server:
        async with gemini(server) as model:
            away = desk(model, MemoryLedger(), MediaLibrary(tmp_path), 2)
            await recommend(view(pool, past, ask="Another one."), away)
    assert server.asks[0].track_ids == ("track-0", "track-2")
    assert server.asks[0].used_ids == ("track-1",)
