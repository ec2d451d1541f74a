"""Walked conversations put before the model that words them, on a runtime: estimated, asked, and counted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from math import ceil
from typing import Final

from ...checkpoints import Store
from ...core.errors import ConfigError, ModelSetupError, StoreError
from ...core.tables import counted
from ...models.costs.prices import PriceTable, cost_usd
from ...models.providers import OFFLINE, OFFLINE_LANGUAGES
from ...models.reply import Usage
from ...models.spec import ModelSpec
from ...models.usage import CHARACTERS_A_TOKEN, expected_input
from ...sessions.languages import language_name
from ..costs.bill import paid_for
from ..events import Events, Silent
from ..queue import JobQueue
from ..rate_limits import widened
from ..reporting.totals import say_totals
from ..runtime import Runtime, open_runtime
from ..settings.config import PlaySettings
from ..workers.engine import perform_all
from .jobs import WalkLine, WalkWording

SAMPLE: Final = 20
"""Conversations by which the price of all is told beforehand."""
TIMEOUT_S: Final = 180.0
"""Of one call: a whole conversation is written at once."""
_REPLY_WORDS: Final = 9
"""Of a reply: people's have 9.0 on average in CPCD."""
_CHARACTERS_A_WORD: Final = 5.6
_FIELD: Final = 14
"""Characters of a field's name and marks."""


@dataclass(frozen=True)
class WalkWriting:
    """Walks before the model that words them, ready to be asked for."""

    runtime: Runtime
    config: PlaySettings
    wording: WalkWording
    count: int

    async def lines(self) -> AsyncGenerator[WalkLine, None]:
        """What comes of each conversation, in order.

        After the stop signal nothing new begins; where nothing could be answered any more (quota, budget, set-up,
        store), the runtime's signal is set with that error as its reason.
        """
        runtime = self.runtime
        runtime.events.begin(self.count, "conversations")
        queue = JobQueue(self.wording.jobs(self.count))
        handler = self.wording(runtime)
        performed = perform_all(runtime, self.config, queue, handler, self.wording, jobs=self.count)
        try:
            async with aclosing(performed) as outcomes:
                async for _, line in outcomes:
                    runtime.events.ended(line.name)
                    yield line
        except (ModelSetupError, StoreError) as error:
            runtime.signal.stop(error)
        say_totals(runtime)

    def say_estimate(self) -> None:
        """What all of it will take and cost, before it begins, for a model that has a price."""
        spec = self.wording.model.spec()
        usage = self._usage(spec)
        tokens = f"about {round(usage.text):,} tokens in and {round(usage.output):,} out"
        prices, factor, told = self.runtime.meter.prices, 1.0, ""
        if prices.lists(spec.price_name) and spec.provider != OFFLINE:
            if self.config.batch:
                factor = prices.price(spec.price_name).batch or 1.0
            usd = factor * self.count * cost_usd(self._mean(usage), spec.price_name, prices)
            told = f", about ${usd:,.4f} at list price" + (" in batch jobs" if factor != 1.0 else "")
        self.runtime.events.say(
            f"{spec.name}: {counted(self.count, 'call')}, {tokens}{told}, if nothing is asked twice"
        )

    def paid(self) -> float | None:
        """USD for all calls about these conversations, earlier ones included; None where the model has no price."""
        prices = self.runtime.meter.prices
        return _paid(self.runtime.store, self.wording, self.count, prices)

    def _usage(self, spec: ModelSpec) -> Usage:
        handler, sample = self.wording(self.runtime), min(self.count, SAMPLE)
        text = output = 0.0
        for number in range(sample):
            _, brief = self.wording.brief(number)
            text += expected_input(handler.request(brief)).input
            words = sum(turn.words + (_REPLY_WORDS if brief.replies else 0) for turn in brief.turns)
            fields = len(brief.turns) * (2 if brief.replies else 1)
            output += (words * _CHARACTERS_A_WORD + fields * _FIELD) / CHARACTERS_A_TOKEN
            output += max(0, spec.thinking_budget or 0)
        factor = self.count / sample
        return Usage(text=ceil(text * factor), output=ceil(output * factor))

    def _mean(self, usage: Usage) -> Usage:
        """Of one call."""
        return Usage(text=round(usage.text / self.count), output=round(usage.output / self.count))


@asynccontextmanager
async def open_writing(
    store: Store, wording: WalkWording, count: int, config: PlaySettings, *, events: Events | None = None
) -> AsyncIterator[WalkWriting]:
    """Walks and the model that words them, opened under limits and a cap; what was paid for these before counts.

    Raises:
        ModelSetupError: the model cannot be used.
        ConfigError: it is named wrongly, or does not speak the language.
        SegueError: it has no price, and there is a cap.
    """
    events, spec = events or Silent(), wording.model.spec()
    language = language_name(wording.generator.settings.language)
    if spec.provider == OFFLINE and language not in OFFLINE_LANGUAGES:
        raise ConfigError(
            f"the offline model speaks {' and '.join(OFFLINE_LANGUAGES)}, not {language}",
            hint="take another model, or leave --model out for the packaged phrases",
        )

    def paid(prices: PriceTable) -> float:
        return _paid(store, wording, count, prices) or 0.0

    config = widened(config, count, events)
    async with open_runtime(store, config, [spec], paid=paid, events=events, timeout_s=TIMEOUT_S) as runtime:
        yield WalkWriting(runtime, config, wording, count)


def _paid(store: Store, wording: WalkWording, count: int, prices: PriceTable) -> float | None:
    spec = wording.model.spec()
    if not prices.lists(spec.price_name):
        return None
    return paid_for(store, [wording.place_id(number) for number in range(count)], prices)
