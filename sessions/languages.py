"""The languages in which listeners can be asked to speak, by ISO 639-1 code and English name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..core.errors import ConfigError
from ..core.suggestions import closest

ENGLISH: Final = "English"

SESSION: Final = "session"
"""The language that the session's listener prefers; English where it is not known."""

NAMES: Final[Mapping[str, str]] = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nb": "Norwegian", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "th": "Thai", "tl": "Filipino", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def language_name(said: str) -> str:
    """The English name of a language given by code or name, in whatever case.

    Raises:
        ConfigError: it is none of those known.
    """
    by_name = {name.casefold(): name for name in NAMES.values()}
    found = NAMES.get(said.casefold()) or by_name.get(said.casefold())
    if found is None:
        near = closest(said, [*NAMES, *NAMES.values()])
        meant = f"did you mean {near}? " if near else ""
        raise ConfigError(f"no language {said!r} is known", hint=f"{meant}codes are {', '.join(NAMES)}")
    return found


def language_code(said: str) -> str:
    """The code of a language given by code or name, in whatever case. Raises `ConfigError` where none is known."""
    name = language_name(said)
    return next(code for code, known in NAMES.items() if known == name)
