"""`MusicTrainer`: steps of AdamW over an order of examples, with checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from ....core.random import stream_seed
from ..language.libraries import torch
from ..language.music_vocabulary import MusicVocabulary
from ..language.rows import TokenRow
from .checkpoints import read_best, read_checkpoint, write_best, write_checkpoint
from .examples import Example, ExampleOrder
from .losses import batches_of, losses_by_row, similarity_loss
from .train_settings import TrainSettings

_WARM_UP: Final = 0.05
"""Of all steps."""
_LEAST_RATE: Final = 0.1
_CLIP: Final = 1.0
_BETAS: Final = (0.9, 0.98)
_SECONDS_BETWEEN: Final = 60.0
"""Between checkpoints."""

Curves = list[dict[str, float]]
Told = Callable[[str], None]


class MusicTrainer:
    """Trains a model in place.

    Args:
        pad: the token that fills rows up.
        watched: rows on which the loss is watched after every epoch.
    """

    def __init__(
        self,
        model: Any,
        vocabulary: MusicVocabulary,
        order: ExampleOrder,
        settings: TrainSettings,
        *,
        centres: Any,
        pad: int,
        watched: Sequence[TokenRow] = (),
    ) -> None:
        self._torch = torch()
        self.model, self._vocabulary, self._order, self._settings = model, vocabulary, order, settings
        self._centres, self._pad = centres, pad
        self._watched = [Example("conversation", row, row.tokens) for row in watched]
        self.optimizer = self._torch.optim.AdamW(
            model.parameters(), lr=settings.rate, betas=_BETAS, weight_decay=settings.decay
        )
        self.curves: Curves = []

    @property
    def steps(self) -> int:
        """All steps."""
        return self._settings.epochs * self._order.steps_an_epoch

    def train(self, folder: Path, fingerprint: str, told: Told) -> None:
        """Go on from the last checkpoint in the folder to the end, and take the weights of the epoch after which the
        loss on what is watched was lowest.

        Raises:
            InputError: the checkpoint is of another training.
            CacheError: the folder cannot be written.
        """
        done, self.curves = read_checkpoint(folder, self.model, self.optimizer, fingerprint)
        kept, sums = time.monotonic(), dict[str, float]()
        each = self._order.steps_an_epoch
        for step in range(done):
            told(f"step {step + 1}")
        for step in range(done, self.steps):
            for kind, loss in self.step(step).items():
                sums[kind] = sums.get(kind, 0.0) + loss
            told(f"step {step + 1}")
            if ends := (step + 1) % each == 0:
                began = max(done, step + 1 - each)
                means = {kind: total / (step + 1 - began) for kind, total in sums.items()}
                self.curves.append({"epoch": (step + 1) / each, **means, **self.watch()})
                sums = {}
                if self.kept_epoch == self.curves[-1]["epoch"]:
                    write_best(folder, self.model)
            if ends or time.monotonic() - kept > _SECONDS_BETWEEN:
                write_checkpoint(folder, self.model, self.optimizer, step + 1, fingerprint, self.curves)
                kept = time.monotonic()

        if self._watched:
            read_best(folder, self.model)

    @property
    def kept_epoch(self) -> float | None:
        """The epoch after which the loss on what is watched was lowest, the first of equals; None where nothing is
        watched, so that the last weights are kept."""
        watched = [each for each in self.curves if "watched" in each]
        return min(watched, key=lambda each: each["watched"])["epoch"] if watched else None

    def step(self, number: int) -> dict[str, float]:
        """One step; gives the loss of each kind of row, and of self-similarity."""
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = self._settings.rate * self._share(number)
        self.optimizer.zero_grad(set_to_none=True)
        found: dict[str, float] = {}
        settings = self._settings
        for batch in batches_of(self._order.step(number), self._pad, settings.word_weight, settings.at_once):
            with self._precision():
                losses = losses_by_row(self.model, batch)
            losses.sum().backward()
            for kind, loss in zip(batch.kinds, losses.detach().tolist(), strict=True):
                found[kind] = found.get(kind, 0.0) + loss
        if settings.similarity:
            found["similarity"] = self._pull_alike(number)
        self._torch.nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP)
        self.optimizer.step()
        return found

    def watch(self) -> dict[str, float]:
        """The loss on the watched rows."""
        if not self._watched:
            return {}
        self.model.eval()
        total = 0.0
        with self._torch.inference_mode(), self._precision():
            for batch in batches_of(
                self._watched, self._pad, self._settings.word_weight, self._settings.at_once
            ):
                total += float(losses_by_row(self.model, batch).sum())
        return {"watched": total}

    def _pull_alike(self, number: int) -> float:
        table = self.model.get_input_embeddings().weight
        seed = stream_seed(self._settings.seed, "similarity", number)
        loss = similarity_loss(table, self._vocabulary, self._centres, seed)
        (self._settings.similarity * loss).backward()
        return float(loss.detach())

    def _share(self, number: int) -> float:
        """Of the learning rate."""
        warm = max(1, round(_WARM_UP * self.steps))
        if number < warm:
            return (number + 1) / warm
        done = (number - warm) / max(1, self.steps - warm)
        return _LEAST_RATE + (1 - _LEAST_RATE) * (1 + math.cos(math.pi * done)) / 2

    def _precision(self) -> Any:
        """16 bits where there is a GPU; processors without instructions for them are many times slower with them."""
        kind = self.model.get_input_embeddings().weight.device.type
        return self._torch.autocast(kind, dtype=self._torch.bfloat16, enabled=kind == "cuda")
