"""Training: what is sought against what other requests seek and against hard negatives, by Adam, an epoch at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ...core.random import stream_seed
from .encoder_settings import EncoderSettings
from .example_table import ExampleTable
from .features import SOURCES
from .model import untrained_weights

PULL: Final = 0.01
"""Weight of the squared distance from the untrained weights, so that what walks do not tell stays where it was."""
_BETAS: Final = (0.9, 0.999)
_TINY: Final = 1e-8

Numbers = NDArray[np.float64]


class TrainingState(BaseModel):
    """Where a training stands: all that goes on depends on.

    Attributes:
        epochs: how many are done.
        weights, mean, square: by source; the latter two are Adam's.
        steps: batches so far.
        losses: mean of each epoch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: Annotated[int, Field(ge=0)] = 0
    weights: dict[str, float]
    mean: dict[str, float]
    square: dict[str, float]
    steps: int = 0
    losses: tuple[float, ...] = ()

    @classmethod
    def begun(cls) -> Self:
        nothing = dict.fromkeys(SOURCES, 0.0)
        return cls(weights=untrained_weights(), mean=nothing, square=nothing)


@dataclass(frozen=True)
class Trainer:
    """Some examples to learn from."""

    table: ExampleTable
    settings: EncoderSettings
    seed: int

    def epoch(self, state: TrainingState) -> TrainingState:
        """The state after one more epoch: a function of the state, the examples, the settings and the seed."""
        rng = np.random.default_rng(stream_seed(self.seed, "epoch", state.epochs))
        order = rng.permutation(len(self.table))
        adam = _Adam.of(state, self.settings.rate)
        losses = []
        for begin in range(0, len(order), self.settings.batch):
            rows = order[begin : begin + self.settings.batch]
            loss, gradient = self._loss(adam.weights, rows)
            adam.step(gradient)
            losses.append(loss)
        return state.model_copy(
            update={
                **adam.told(),
                "epochs": state.epochs + 1,
                "losses": (*state.losses, float(np.mean(losses))),
            }
        )

    def _loss(self, weights: Numbers, rows: NDArray[np.int64]) -> tuple[float, Numbers]:
        """Mean cross-entropy of what is sought among all that stands against it, and its gradient."""
        fits, negative = self.table.in_batch(rows)
        own = np.arange(len(rows))
        negative[own, own] = True
        beside = np.concatenate([fits, self.table.hard[rows]], axis=1)
        stands = np.concatenate([negative, np.isfinite(self.table.hard[rows, :, 0])], axis=1)
        beside = np.where(stands[:, :, None], beside, 0)
        logits = np.where(stands, beside @ weights, -np.inf)
        logits -= logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        chances /= chances.sum(axis=1, keepdims=True)
        loss = -np.log(chances[own, own] + _TINY).mean()
        chances[own, own] -= 1
        gradient = np.einsum("bc,bcs->s", chances, beside) / len(rows)
        apart = weights - _start()
        return float(loss + PULL * apart @ apart), gradient + 2 * PULL * apart


@dataclass
class _Adam:
    """Kingma and Ba, ICLR 2015. No weight falls below zero: what is liked or said never speaks against an item."""

    weights: Numbers
    mean: Numbers
    square: Numbers
    steps: int
    rate: float

    @classmethod
    def of(cls, state: TrainingState, rate: float) -> Self:
        weights, mean, square = (
            np.array([each[name] for name in SOURCES]) for each in (state.weights, state.mean, state.square)
        )
        return cls(weights, mean, square, state.steps, rate)

    def step(self, gradient: Numbers) -> None:
        first, second = _BETAS
        self.steps += 1
        self.mean = first * self.mean + (1 - first) * gradient
        self.square = second * self.square + (1 - second) * gradient**2
        mean, square = self.mean / (1 - first**self.steps), self.square / (1 - second**self.steps)
        self.weights = np.maximum(0, self.weights - self.rate * mean / (np.sqrt(square) + _TINY))

    def told(self) -> dict[str, Any]:
        """As fields of a `TrainingState`."""
        named = {"weights": self.weights, "mean": self.mean, "square": self.square}
        return {
            **{name: dict(zip(SOURCES, map(float, each), strict=True)) for name, each in named.items()},
            "steps": self.steps,
        }


def _start() -> Numbers:
    return np.array([untrained_weights()[name] for name in SOURCES])
