"""`TrainedModel`: a model with its words and the codes that it was trained for, kept in a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from ....catalog.atomic_files import keep_cached
from ....core.errors import CacheError, CorruptionError, InputError
from ..codes.track_codes import TrackCodes
from .libraries import require_language_models, torch, transformers
from .music_vocabulary import MusicVocabulary
from .new_rows import tables_of

MODEL_VERSION: Final = 1
"""Raised when a folder of an earlier one cannot be read any more."""
_ABOUT: Final = "talkplay.json"
_CODES: Final = "codes"
_HINT: Final = "`segue talkplay train CODES DATA --out DIR` makes one"


@dataclass(frozen=True)
class TrainedModel:
    """What can recommend.

    Attributes:
        model, tokenizer: as transformers has them.
        about: what it was trained with and what came of it, for people; `names`, `replies` and `context` are how its
            rows are written.
    """

    model: Any
    tokenizer: Any
    vocabulary: MusicVocabulary
    codes: TrackCodes
    about: Mapping[str, Any]

    def write(self, folder: Path) -> None:
        """Keep it; `is_whole` is true of the folder from the end on. Raises `CacheError` where it cannot be written."""
        try:
            self.model.save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)
        except OSError as error:
            raise CacheError(
                f"cannot keep {folder}: {error.strerror or error}", hint="make room there"
            ) from error
        self.codes.write(folder / _CODES)
        about = {
            "version": MODEL_VERSION,
            "first_row": self.vocabulary.first,
            "codes": self.codes.digest,
            **self.about,
        }
        keep_cached(folder / _ABOUT, json.dumps(about, indent=1, ensure_ascii=False).encode())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What was kept, ready to be asked, on a GPU where there is one.

        Raises:
            InputError: the folder holds no such model, or its vocabulary is not that of its codes.
            ConfigError: a package is missing.
        """
        about = read_about(folder)
        require_language_models()
        codes = TrackCodes.read(folder / _CODES)
        if codes.digest != about["codes"]:
            raise InputError(
                f"{folder}: the model was trained for other codes than those that lie there", hint=_HINT
            )
        try:
            tokenizer = transformers().AutoTokenizer.from_pretrained(folder)
            model = transformers().AutoModelForCausalLM.from_pretrained(folder, dtype=torch().float32)
        except (OSError, ValueError) as error:
            told = str(error).strip().splitlines()[0]
            raise CorruptionError(f"{folder}: the model cannot be read: {told}", hint=_HINT) from error
        vocabulary = MusicVocabulary(about["first_row"], codes.codebook.size)
        rows = tables_of(model)[0].shape[0]
        if rows != vocabulary.rows:
            raise InputError(
                f"{folder}: the model's vocabulary has {rows:,} rows, and its codes need {vocabulary.rows:,}",
                hint=_HINT,
            )
        device = "cuda" if torch().cuda.is_available() else "cpu"
        return cls(model.to(device).eval(), tokenizer, vocabulary, codes, about)


def is_whole(folder: Path) -> bool:
    """Whether a trained model lies there."""
    return (folder / _ABOUT).is_file()


def forget(folder: Path) -> None:
    """Take away what makes a folder a trained model."""
    (folder / _ABOUT).unlink(missing_ok=True)


def read_about(folder: Path) -> dict[str, Any]:
    """What is said of a trained model.

    Raises:
        InputError: there is none, or one of another version.
    """
    try:
        found = json.loads((folder / _ABOUT).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder}: there is no model of TalkPlay's", hint=_HINT) from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise CorruptionError(f"{folder / _ABOUT}: {error}", hint=_HINT) from error
    if not isinstance(found, dict) or found.get("version") != MODEL_VERSION:
        raise InputError(f"{folder}: its model is of another version, not {MODEL_VERSION}", hint=_HINT)
    return found
