"""How calls travel to their provider, from the flags."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..checkpoints.store.deliveries import StoredDeliveries
from ..models.delivery import Delivery
from ..models.delivery_options import DeliveryOptions
from ..models.prices import PriceTable, load_prices
from .output import say

if TYPE_CHECKING:
    from ..catalog.media import MediaLibrary
    from ..checkpoints import Store
    from .options import Options

BATCH_WIDTH = 1000
"""Conversations at once in batch mode, unless more are asked for: a wave should be long."""


def delivery_options(options: Options) -> DeliveryOptions:
    """What the flags say."""
    return options.delivery


def delivery_of(
    store: Store, media: MediaLibrary, prices: PriceTable | Path | None, wanted: DeliveryOptions | None = None
) -> Delivery:
    """Deliveries that are kept in the store; by default whatever costs least without waiting."""
    table = prices if isinstance(prices, PriceTable) else load_prices(prices)
    return Delivery(wanted or DeliveryOptions(), StoredDeliveries(store), media.read, table)


def widened(options: Options, conversations: int) -> Options:
    """In batch mode, as many conversations at once as make a long wave."""
    if not options.batch:
        return options
    width = max(options.concurrency, min(conversations, BATCH_WIDTH))
    at_once = min(width, conversations)
    say(f"batch mode: {at_once} conversations advance wave by wave; a wave may take up to a day")
    say("Ctrl-C twice leaves the jobs to themselves; the same command takes up their answers")
    return options.changed(concurrency=width)


def say_delivered(delivery: Delivery | None) -> None:
    """What was uploaded, cached and batched, in one line; nothing where all went plainly."""
    if delivery is None:
        return
    counts = delivery.counts
    words = {
        "uploads": "media uploaded",
        "created": "caches made",
        "reads": "calls read from caches",
        "lost": "uploads or caches lost and made good",
        "failed": "caches that could not be made",
        "jobs": "batch jobs",
        "calls": "calls in them",
        "failed_calls": "of them asked again",
        "resumed": "answers taken up from earlier jobs",
    }
    said = ", ".join(f"{counts[name]} {what}" for name, what in words.items() if counts[name])
    if said:
        say(said)
