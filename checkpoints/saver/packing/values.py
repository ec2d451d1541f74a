"""Values as pieces: long items of lists and dicts apart, so that they are kept once and a list costs its news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.serde.base import SerializerProtocol

from .compression import damaged
from .encoding import digest_bytes, read_varint, write_varint

INLINE = 48
"""Bytes up to which a piece stays where it is used."""
_WHOLE = 512
"""A dict of no more bytes is one piece."""
_NESTED = 2048
"""An item of more bytes is itself taken apart."""
_DEPTH = 4
MSGPACK = "msgpack"


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A piece that is stored on its own, under its digest."""

    digest: bytes
    raw: bytes


Part = bytes | Chunk
Recipe = bytes | Sequence[Any]
"""A value's stored form: its pieces, or (tag, pieces) for bytes that are not msgpack."""


@dataclass(slots=True, eq=False)
class PackedValue:
    """One value as bytes in pieces; joined they are what the serializer made of it.

    Attributes:
        tag: the serializer's name for the bytes.
        payload: for a list, all bytes behind its header, else None.
        items: for a list, how many there are.
        recipe, generation: the stored form of `parts`, and since when its numbers hold.
    """

    tag: str
    parts: Sequence[Part]
    payload: bytes | None = None
    items: int = 0
    recipe: bytes = b""
    generation: int = -1

    def chunks(self) -> Iterable[Chunk]:
        return (part for part in self.parts if isinstance(part, Chunk))


def pack(serde: SerializerProtocol, value: Any, before: PackedValue | None = None) -> PackedValue:
    """`value` in pieces; for a list that grew, the pieces of `before` and those of the new items."""
    tag, data = serde.dumps_typed(value)
    data = bytes(data)
    if tag != MSGPACK or len(data) <= INLINE:
        return PackedValue(tag, [_part(data)])
    if type(value) is list:
        return _pack_list(serde, value, data, before)
    return PackedValue(tag, _split(serde, value, data, _DEPTH))


def _pack_list(
    serde: SerializerProtocol, value: list[Any], data: bytes, before: PackedValue | None
) -> PackedValue:
    header, count = _header(data)
    payload = data[header:]
    known: Sequence[Part] = ()
    start = 0
    if (
        before is not None
        and before.payload is not None
        and before.items <= count
        and payload.startswith(before.payload)
    ):
        known, start = before.parts[1:], before.items
        payload_rest = payload[len(before.payload) :]
    else:
        payload_rest = payload
    if count - start == 1:
        tail = [payload_rest]
    else:
        tail = [serde.dumps_typed([item])[1][1:] for item in value[start:count]]
    if len(value) != count or b"".join(tail) != payload_rest:
        # The list changed while it was being packed: what was packed first is kept, in one piece.
        return PackedValue(MSGPACK, [_part(data)])
    parts: list[Part] = [data[:header], *known]
    for item, raw in zip(value[start:count], tail, strict=True):
        parts += _split(serde, item, bytes(raw), _DEPTH - 1)
    # The header stands apart from the first item, so that `known` begins at parts[1].
    return PackedValue(MSGPACK, [parts[0], *_merged(parts[1:])], payload, count)


def _split(serde: SerializerProtocol, value: Any, data: bytes, depth: int) -> list[Part]:
    kind = type(value)
    large = len(data) > (_NESTED if depth < _DEPTH else _WHOLE)
    if not large or not depth or kind not in (dict, list):
        return [_part(data)]
    header, count = _header(data)
    items: list[tuple[Any, bytes]] = []
    if kind is dict and type(value) is dict:
        items = [(v, bytes(serde.dumps_typed({k: v})[1][1:])) for k, v in list(value.items())]
    else:
        items = [(v, bytes(serde.dumps_typed([v])[1][1:])) for v in list(value)]
    if len(items) != count or b"".join(raw for _, raw in items) != data[header:]:
        return [_part(data)]
    parts: list[Part] = [data[:header]]
    for item, raw in items:
        parts += _split_pair(serde, item, raw, depth) if kind is dict else _split(serde, item, raw, depth - 1)
    return _merged(parts)


def _split_pair(serde: SerializerProtocol, item: Any, raw: bytes, depth: int) -> list[Part]:
    """A dict's item with its key in front."""
    if len(raw) <= _NESTED or type(item) not in (dict, list):
        return [_part(raw)]
    body = bytes(serde.dumps_typed([item])[1][1:])
    if not raw.endswith(body):
        return [_part(raw)]
    return [raw[: len(raw) - len(body)], *_split(serde, item, body, depth - 1)]


def _part(raw: bytes) -> Part:
    return raw if len(raw) <= INLINE else Chunk(digest_bytes(raw), raw)


def _merged(parts: Sequence[Part]) -> list[Part]:
    """`parts` with neighbouring bytes joined."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, bytes) and isinstance(last, bytes):
            merged[-1] = last + part
        else:
            merged.append(part)
    return merged


def _header(data: bytes) -> tuple[int, int]:
    """Length of a msgpack list's or dict's header, and how many items it announces."""
    first = data[0]
    if 0x80 <= first <= 0x9F:
        return 1, first & 15
    if first in (0xDC, 0xDE):
        return 3, int.from_bytes(data[1:3], "big")
    if first in (0xDD, 0xDF):
        return 5, int.from_bytes(data[1:5], "big")
    return 0, -1


def write_recipe(parts: Sequence[Part], numbers: dict[bytes, int]) -> bytes:
    """Parts as bytes: literals as they are, chunks by number, told by the distance from the one before.

    A token is a varint: 4n = a literal of n bytes follows; 4n+1 = one chunk, 4n+2 = a run of chunks with
    numbers in a row, its length following; n is the zigzag distance from the number expected next.
    """
    out = bytearray()
    expected = start = count = 0
    for part in parts:
        if isinstance(part, Chunk):
            number = numbers[part.digest]
            if count and number == start + count:
                count += 1
                continue
            if count:
                _write_run(start - expected, count, out)
                expected = start + count
            start, count = number, 1
            continue
        if count:
            _write_run(start - expected, count, out)
            expected, count = start + count, 0
        write_varint(len(part) << 2, out)
        out += part
    if count:
        _write_run(start - expected, count, out)
    return bytes(out)


def _write_run(distance: int, count: int, out: bytearray) -> None:
    zigzag = distance << 1 if distance >= 0 else (-distance << 1) - 1
    write_varint(zigzag << 2 | (1 if count == 1 else 2), out)
    if count > 1:
        write_varint(count, out)


def read_recipe(recipe: bytes) -> list[bytes | range]:
    """Literals and ranges of chunk numbers. Raises `CorruptionError` for anything `write_recipe` cannot have made."""
    pieces: list[bytes | range] = []
    at = expected = 0
    try:
        while at < len(recipe):
            token, at = read_varint(recipe, at)
            kind, rest = token & 3, token >> 2
            if kind == 0:
                pieces.append(recipe[at : at + rest])
                at += rest
                continue
            start = expected + (rest >> 1 if not rest & 1 else -((rest + 1) >> 1))
            count = 1
            if kind == 2:
                count, at = read_varint(recipe, at)
            if kind == 3 or start < 0 or count > 1 << 24:
                raise damaged("a stored value names pieces that cannot be")
            pieces.append(range(start, start + count))
            expected = start + count
    except IndexError as error:
        raise damaged("a stored value ends too early") from error
    return pieces


def recipe_parts(recipe: Recipe) -> tuple[str, bytes]:
    """Tag and pieces of a value. Raises `CorruptionError` for anything else."""
    if isinstance(recipe, bytes):
        return MSGPACK, recipe
    if len(recipe) == 2 and isinstance(recipe[0], str) and isinstance(recipe[1], bytes):
        return recipe[0], recipe[1]
    raise damaged("a stored value is not what was written")


def pieces_of(recipe: Recipe) -> list[bytes | range]:
    """Literals and ranges of chunk numbers of which a value consists."""
    return read_recipe(recipe_parts(recipe)[1])
