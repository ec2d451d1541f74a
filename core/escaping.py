r"""What a terminal or a page would obey or hide, spelled out: text from elsewhere is shown, never sent.

Titles, ids and messages come from files, servers and models. A control character in one can move the cursor, a bidi
mark reorders the line, a zero-width character makes two names look like one.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""C0, C1, surrogates, separators of lines, and what Unicode calls ignorable by default: bidi marks, joiners, tags."""

_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe0e\ufe0f"
_VIRAMA = 9
"""Combining class of the marks that join consonants in the scripts of India."""


def visible(text: str, *, lines: bool = False) -> str:
    r"""`text` with everything that controls or hides written as an escape, such as `\x1b` or `\u202e`.

    Joiners stay where a script or a picture of several needs them.

    Args:
        lines: whether a line feed may end a line; a tabulator is blanks then.
    """
    if lines:
        text = text.replace("\r\n", "\n").replace("\t", "    ")
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_shown if not lines else _shown_in_lines, text)


def json_escaped(document: str) -> str:
    """A JSON document that says the same and holds no character that controls or hides."""
    return _HIDDEN.sub(_json, document)


def _shown_in_lines(found: re.Match[str]) -> str:
    return "\n" if found[0] == "\n" else _shown(found)


def _shown(found: re.Match[str]) -> str:
    sign = found[0]
    if sign in _SHORT:
        return _SHORT[sign]
    before = found.string[found.start() - 1 : found.start()]
    if sign in _JOINERS and _joins(before) and _joined(found.string[found.end() : found.end() + 1]):
        return sign
    if sign in _SELECTORS and before and (before in "0123456789#*" or _category(before) in ("So", "Sm")):
        return sign
    return _escaped(ord(sign))


def _escaped(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _category(sign: str) -> str:
    return unicodedata.category(sign) if sign else ""


def _joins(before: str) -> bool:
    """Whether a joiner has something to do after it: Arabic and its kin, a virama, part of a picture."""
    if not before:
        return False
    picture = _category(before) in ("So", "Sk") or before in _SELECTORS
    return picture or unicodedata.bidirectional(before) == "AL" or unicodedata.combining(before) == _VIRAMA


def _joined(after: str) -> bool:
    return _category(after) in ("So", "Lo") and not _HIDDEN.match(after)


def _json(found: re.Match[str]) -> str:
    r"""Outside strings a document has only line feeds and blanks; in them, JSON's own escapes stand for these."""
    if found[0] == "\n":
        return "\n"
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
