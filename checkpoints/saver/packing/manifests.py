"""Manifests: what a checkpoint consists of, told whole or by the difference from the parent's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ormsgpack

from .compression import Codec, damaged, pack_against, unpack_against
from .encoding import digest_bytes

WHOLE_EVERY = 16
"""A manifest this many steps from a whole one is itself whole, so that a reader has few to unpack."""
_SEAL = 4
"""Bytes of the manifest's digest in front of a body."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checkpoint without its values' bytes.

    Attributes:
        head: tag and bytes of [checkpoint without values, metadata] as the serializer made them.
        channels: name -> recipe, or (tag, recipe) for bytes that are not msgpack; in the checkpoint's order.
    """

    head: tuple[str, bytes]
    channels: dict[str, Any]


def write_manifest(head: tuple[str, bytes], channels: dict[str, bytes | tuple[str, bytes]]) -> bytes:
    """The manifest as bytes; similar manifests give similar bytes."""
    tag, data = head
    return ormsgpack.packb([tag, channels, data])


def read_manifest(raw: bytes) -> Manifest:
    """What `write_manifest` was given. Raises `CorruptionError` for anything else."""
    try:
        unpacked: list[Any] = ormsgpack.unpackb(raw)
        tag, channels, head = unpacked
        return Manifest((tag, head), channels)
    except (ValueError, TypeError) as error:
        raise damaged(f"a stored manifest cannot be read: {error}") from error


def pack_body(codec: Codec, raw: bytes, base: tuple[bytes, int] | None) -> tuple[int, bytes]:
    """Depth and body of a manifest, against the parent's (its bytes and its depth) where that is short enough."""
    seal = digest_bytes(raw)[:_SEAL]
    if base is not None and base[1] + 1 < WHOLE_EVERY:
        return base[1] + 1, seal + pack_against(base[0], raw)
    return 0, seal + codec.pack(raw)


def unpack_body(codec: Codec, depth: int, body: bytes, base: bytes | None) -> bytes:
    """The manifest's bytes; `base` is the parent's manifest, needed from depth 1 on.

    Raises:
        CorruptionError: the bytes are not what was stored.
    """
    packed = bytes(body[_SEAL:])
    if depth == 0:
        raw = codec.unpack(packed)
    elif base is None:
        raise damaged("a checkpoint's parent is missing, and its manifest tells only the difference")
    else:
        raw = unpack_against(base, packed)
    if digest_bytes(raw)[:_SEAL] != bytes(body[:_SEAL]):
        raise damaged("a checkpoint's manifest does not match its digest")
    return raw
