"""Arrays in one file, with a digest of it all; read back into memory that processes share."""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...catalog.atomic_files import keep_cached
from ...core.errors import CorruptionError

_MAGIC: Final = b"segue-arrays-1\n"
_DIGEST: Final = 32
_SIZE: Final = 8
_ALIGNED: Final = 64

Arrays = Mapping[str, NDArray[Any]]


def write_arrays(path: Path, arrays: Arrays) -> int:
    """Write the file whole or not at all; returns its bytes. Raises `CacheError` where it cannot be written."""
    places, parts, at = {}, [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        places[name] = [array.dtype.str, list(array.shape), at, len(data)]
        parts += [data, padding := b"\0" * (-len(data) % _ALIGNED)]
        at += len(data) + len(padding)
    told = json.dumps(places).encode()
    told += b" " * (-(len(_MAGIC) + _DIGEST + _SIZE + len(told)) % _ALIGNED)
    body = b"".join([len(told).to_bytes(_SIZE, "little"), told, *parts])
    keep_cached(path, _MAGIC + _digest(body) + body)
    return len(_MAGIC) + _DIGEST + len(body)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays, which cannot be changed.

    Raises:
        FileNotFoundError: there is no such file.
        CorruptionError: it is not what was written.
    """
    with path.open("rb") as file:
        try:
            whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError) as error:  # an empty file cannot be mapped
            raise CorruptionError(f"{path}: {error}") from error
    begin = len(_MAGIC) + _DIGEST
    body = whole[begin:]
    if bytes(whole[:begin]) != _MAGIC + _digest(body):
        raise CorruptionError(f"{path}: its bytes are not those that were written")
    size = int.from_bytes(body[:_SIZE], "little")
    data = body[_SIZE + size :]
    places = json.loads(bytes(body[_SIZE : _SIZE + size]))
    return {
        name: np.frombuffer(data[at : at + length], dtype=np.dtype(kind)).reshape(shape)
        for name, (kind, shape, at, length) in places.items()
    }


def _digest(data: bytes | memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()
