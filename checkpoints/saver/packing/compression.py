"""Packed bytes: zstd frames with a shared dictionary, their length bounded and told in front; seals on them."""

from __future__ import annotations

import functools
import threading
from collections.abc import Mapping
from importlib.resources import files

import zstandard

from ....core.errors import CorruptionError
from .encoding import digest_bytes, read_varint, write_varint

PLAIN = 0
"""The number in front of bytes that are stored as they are."""
LIMIT = 1 << 30
"""No packed piece may unpack to more bytes than this."""
_LEVEL = 3
_SEAL = 4
"""Bytes of a digest in front of sealed bytes."""
_SIZED = 0xE0
"""Bits of a frame's first byte that our frames never set: with them the frame's own length would count."""
_FORMAT = zstandard.FORMAT_ZSTD1_MAGICLESS
DAMAGED = "the store is damaged: `segue store check` names the threads it touches; restore a backup"
"""What to do about a store whose bytes are not what was written."""


def packaged_dictionary() -> bytes:
    """The dictionary that new stores begin with."""
    return (files(__package__) / "texts.zdict").read_bytes()


def damaged(what: str) -> CorruptionError:
    """The error for bytes that are not what was stored."""
    return CorruptionError(what, hint=DAMAGED)


class _Compressors(threading.local):
    """One thread's compressors; zstandard's are not to be shared between threads."""

    def __init__(self, dictionaries: Mapping[int, bytes]) -> None:
        self._dictionaries = {n: zstandard.ZstdCompressionDict(d) for n, d in dictionaries.items()}
        self._compressors: dict[int, zstandard.ZstdCompressor] = {}
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}

    def compressor(self, number: int) -> zstandard.ZstdCompressor:
        if number not in self._compressors:
            dictionary = self._dictionaries[number]
            parameters = _parameters(len(dictionary.as_bytes()))
            dictionary.precompute_compress(compression_params=parameters)
            self._compressors[number] = zstandard.ZstdCompressor(
                compression_params=parameters, dict_data=dictionary
            )
        return self._compressors[number]

    def decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        if number not in self._decompressors:
            if number not in self._dictionaries:
                raise damaged(f"stored bytes name a dictionary that is not there: {number}")
            self._decompressors[number] = zstandard.ZstdDecompressor(
                dict_data=self._dictionaries[number], format=_FORMAT
            )
        return self._decompressors[number]


@functools.lru_cache(maxsize=64)
def _parameters(dictionary_size: int) -> zstandard.ZstdCompressionParameters:
    return zstandard.ZstdCompressionParameters.from_level(
        _LEVEL,
        source_size=1024,
        dict_size=dictionary_size,
        format=_FORMAT,
        write_content_size=0,
        write_dict_id=0,
        write_checksum=0,
    )


class Codec:
    """Packs and unpacks bytes. The first byte of packed bytes is the dictionary's number, or `PLAIN`."""

    def __init__(self, dictionaries: Mapping[int, bytes]) -> None:
        self._zstd = _Compressors(dictionaries)
        self._current = max(dictionaries)

    def pack(self, raw: bytes) -> bytes:
        """`raw`, compressed where that makes it shorter."""
        packed = bytearray([self._current])
        write_varint(len(raw), packed)
        packed += self._zstd.compressor(self._current).compress(raw)
        return bytes(packed) if len(packed) <= len(raw) else bytes([PLAIN]) + raw

    def unpack(self, packed: bytes) -> bytes:
        """What `pack` was given. Raises `CorruptionError` for anything else, also for what unpacks too long."""
        if not packed:
            raise damaged("stored bytes are empty")
        if packed[0] == PLAIN:
            return bytes(packed[1:])
        return _decompress(self._zstd.decompressor(packed[0]), packed, 1)

    def seal(self, raw: bytes, base: bytes | None = None) -> bytes:
        """`raw` packed behind the beginning of its digest; with `base`, told by its difference from that."""
        packed = self.pack(raw) if base is None else _pack_against(base, raw)
        return digest_bytes(raw)[:_SEAL] + packed

    def unseal(self, what: str, sealed: bytes, base: bytes | None = None) -> bytes:
        """What `seal` was given with the same `base`. Raises `CorruptionError`, naming `what`, for anything else."""
        packed = bytes(sealed[_SEAL:])
        raw = self.unpack(packed) if base is None else _unpack_against(base, packed)
        if digest_bytes(raw)[:_SEAL] != bytes(sealed[:_SEAL]):
            raise damaged(f"{what} does not match its digest")
        return raw


def _decompress(decompressor: zstandard.ZstdDecompressor, packed: bytes, at: int) -> bytes:
    try:
        size, at = read_varint(packed, at)
        if size > LIMIT:
            raise damaged(f"stored bytes claim to unpack to {size} bytes")
        if packed[at] & _SIZED:
            raise damaged("stored bytes set their own length")
        raw = decompressor.decompress(packed[at:], max_output_size=size)
    except (IndexError, zstandard.ZstdError) as error:
        raise damaged(f"stored bytes cannot be unpacked: {error}") from error
    if len(raw) != size:
        raise damaged(f"stored bytes unpack to {len(raw)} bytes instead of {size}")
    return raw


def _raw_dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _pack_against(base: bytes, raw: bytes) -> bytes:
    parameters = _parameters(1 << len(base).bit_length())
    compressor = zstandard.ZstdCompressor(compression_params=parameters, dict_data=_raw_dictionary(base))
    packed = bytearray()
    write_varint(len(raw), packed)
    return bytes(packed + compressor.compress(raw))


def _unpack_against(base: bytes, packed: bytes) -> bytes:
    decompressor = zstandard.ZstdDecompressor(dict_data=_raw_dictionary(base), format=_FORMAT)
    return _decompress(decompressor, packed, 0)
