"""`BatchedModel`: a chat model whose questions travel in batch jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage

from ...core.errors import ModelSetupError, TransientModelError
from ..content import Outgoing
from ..factory import ChatModel
from .batches import Waves
from .resources import GeminiResources


@dataclass(frozen=True)
class BatchedModel(ChatModel):
    """A model that is asked through batch jobs."""

    waves: Waves | None = field(default=None, repr=False)

    @property
    def patient(self) -> bool:
        return True

    async def _ask(self, outgoing: Outgoing, schema: Mapping[str, Any], seed: int | None) -> AIMessage:
        if self.waves is None or not outgoing.key:
            raise ModelSetupError(f"{self.spec.name}: a call without a key cannot go into a batch job")
        office = GeminiResources(self)
        item = office.batch_item(outgoing.key, outgoing.messages, self.options(schema, seed))
        size = len(json.dumps(item))
        try:
            return await self.waves.ask(outgoing.key, self.spec.model, item, size, office)
        except TransientModelError as error:
            renewed = await outgoing.again(error.message) if outgoing.again else None
            if renewed is None:
                raise
            return await self._ask(renewed, schema, seed)
