"""Content hashing: canonical JSON and short BLAKE2b digests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def canonical_json(value: Any) -> bytes:
    """`value` as UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes.

    Raises:
        ValueError: for NaN and infinities, which have no JSON form.
        TypeError: for anything that is not plain JSON.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8", "surrogatepass")


def digest(data: bytes | str) -> str:
    """BLAKE2b-128 of `data` as 32 hexadecimal characters."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def file_digest(path: Path) -> str:
    """`digest` of a file's bytes, read piece by piece. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def digest_of(value: Any) -> str:
    """Digest of the canonical JSON of `value`."""
    return digest(canonical_json(value))
