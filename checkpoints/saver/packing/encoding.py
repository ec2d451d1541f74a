"""Identifiers as short byte strings, and whole numbers of varying length."""

from __future__ import annotations

import functools
import hashlib
import re

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGEST_SIZE = 16


def digest_bytes(data: bytes) -> bytes:
    """BLAKE2b-128 of `data`, 16 bytes."""
    return hashlib.blake2b(data, digest_size=DIGEST_SIZE).digest()


def mark_of(digest: bytes) -> int:
    """The first 32 bits of a digest as a signed number, as both databases can keep it."""
    return int.from_bytes(digest[:4], "big", signed=True)


@functools.lru_cache(maxsize=4096)
def encode_id(text: str) -> bytes:
    """A UUID in its usual spelling as 16 bytes, anything else as longer or marked UTF-8.

    Byte order is text order among ids of one kind.
    """
    if len(text) == 36 and _UUID.fullmatch(text):
        return bytes.fromhex(text.replace("-", ""))
    data = b"\xff" + text.encode("utf-8", "surrogatepass")
    return data + b"\xff" if len(data) == DIGEST_SIZE else data


def decode_id(data: bytes) -> str:
    """The text that `encode_id` was given."""
    if len(data) == DIGEST_SIZE:
        text = data.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return data[1:].removesuffix(b"\xff").decode("utf-8", "surrogatepass")


def write_varint(number: int, into: bytearray) -> None:
    """Append `number` (not negative), seven bits a byte, lowest first."""
    while number > 127:
        into.append(number & 127 | 128)
        number >>= 7
    into.append(number)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at` and the position after it. Raises `IndexError` where the bytes end too early."""
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return number, at
        shift += 7
