"""Checkpoints: weights and the optimizer's state in one file of tensors, from which a training goes on as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from ....catalog.atomic_files import keep_cached
from ....core.errors import CorruptionError, InputError
from ..language.libraries import torch

_FILE: Final = "training.safetensors"
_BEST: Final = "best.safetensors"
_MOMENTS: Final = ("exp_avg", "exp_avg_sq")


def checkpoint_file(folder: Path) -> Path:
    """Where it is kept."""
    return folder / _FILE


def write_checkpoint(
    folder: Path, model: Any, optimizer: Any, step: int, fingerprint: str, curves: list[dict[str, float]]
) -> None:
    """Keep all that the next step depends on, whole or not at all.

    Raises:
        CacheError: the folder cannot be written.
    """
    from safetensors.torch import save

    tensors = {f"weight.{name}": each.data for name, each in model.named_parameters()}
    for name, each in model.named_parameters():
        state = optimizer.state.get(each, {})
        tensors |= {f"{moment}.{name}": state[moment] for moment in _MOMENTS if moment in state}
    about = {"step": str(step), "fingerprint": fingerprint, "curves": json.dumps(curves)}
    whole = {name: each.detach().cpu().contiguous() for name, each in tensors.items()}
    keep_cached(checkpoint_file(folder), save(whole, metadata=about))


def write_best(folder: Path, model: Any) -> None:
    """Keep the weights of the best epoch so far. Raises `CacheError` where the folder cannot be written."""
    from safetensors.torch import save

    weights = {name: each.detach().cpu().contiguous() for name, each in model.named_parameters()}
    keep_cached(folder / _BEST, save(weights))


def read_best(folder: Path, model: Any) -> None:
    """Put the weights of the best epoch into the model. Raises `CorruptionError` where they cannot be read."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        kept = load_file(folder / _BEST)
        for name, each in model.named_parameters():
            each.data.copy_(kept[name])
    except (SafetensorError, KeyError, OSError) as error:
        raise CorruptionError(f"{folder / _BEST}: {error}", hint="--overwrite begins anew") from error


def forget_training(folder: Path) -> None:
    """Take away what a training goes on from."""
    checkpoint_file(folder).unlink(missing_ok=True)
    (folder / _BEST).unlink(missing_ok=True)


def read_checkpoint(
    folder: Path, model: Any, optimizer: Any, fingerprint: str
) -> tuple[int, list[dict[str, float]]]:
    """Put the state that was kept into model and optimizer; gives the steps that were done, and the curves. Nothing
    happens where nothing was kept.

    Raises:
        InputError: it is of another training.
        CorruptionError: it cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    path = checkpoint_file(folder)
    if not path.exists():
        return 0, []
    try:
        with safe_open(str(path), framework="pt") as file:
            about = file.metadata()
            if about["fingerprint"] != fingerprint:
                raise InputError(
                    f"{folder}: there is a training with other settings, codes or conversations",
                    hint="--overwrite begins anew there; the same settings go on with it",
                )
            step = int(about["step"])
            for name, each in model.named_parameters():
                each.data.copy_(file.get_tensor(f"weight.{name}"))
                optimizer.state[each] = _moments(file, name, each, step)
    except (SafetensorError, KeyError) as error:
        raise CorruptionError(f"{path}: {error}", hint="--overwrite begins anew") from error
    return step, json.loads(about["curves"])


def _moments(file: Any, name: str, weight: Any, step: int) -> dict[str, Any]:
    kept = set(file.keys())
    state = {m: file.get_tensor(f"{m}.{name}").to(weight.device) for m in _MOMENTS if f"{m}.{name}" in kept}
    return {**state, "step": torch().tensor(float(step))} if state else {}
