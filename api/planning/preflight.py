"""Preflight: what the servers of a configuration's models are, asked before anything is played."""

from __future__ import annotations

from ...models.factory import ChatModel, open_model
from ...models.servers.preflight import ServerFinding as ServerFinding
from ...models.spec import ModelSpec
from ...runs.run import Task
from ...runs.settings.config import RunConfig
from ..loop import blocking


async def preflight_async(config: RunConfig | None = None) -> list[ServerFinding]:
    """What the servers of the configuration's models are: see `ServerFinding`. Nothing is played or stored; a
    server of one's own answers a question or two of a few words, the offline model none.

    What would fail every conversation is a finding's `problem`; `play` raises it.

    Raises:
        InputError: something that the configuration names cannot be used.
        ModelSetupError: a model's package or key is missing.
    """
    config, opened = config or RunConfig(), dict[ModelSpec, ChatModel]()

    def open_once(spec: ModelSpec) -> ChatModel:
        return opened.setdefault(
            spec, open_model(spec, timeout_s=config.timeout or 120.0, stream=config.stream)
        )

    try:
        return await Task.of(config).preflight(open_once).findings()
    finally:
        for model in opened.values():
            await model.aclose()


preflight = blocking(preflight_async)
