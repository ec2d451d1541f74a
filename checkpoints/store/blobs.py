"""Whole texts under the digest of their content, compressed; each is checked when it is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from ..saver.packing.compression import Codec, damaged
from ..saver.packing.encoding import digest_bytes

_AT_ONCE = 500


def _codec(connection: sa.Connection) -> Codec:
    codec: Codec = connection.get_execution_options()["segue_codec"]
    return codec


def put_blobs(connection: sa.Connection, bodies: Sequence[bytes]) -> list[bytes]:
    """Store what is not there yet; the 16-byte digest of each body, in order."""
    codec = _codec(connection)
    digests = [digest_bytes(body) for body in bodies]
    known = {bytes(row[0]) for row in _rows(connection, digests, "digest")}
    new = {d: body for d, body in zip(digests, bodies, strict=True) if d not in known}
    if new:
        statement = "INSERT INTO blob (digest, data) VALUES (?, ?) ON CONFLICT DO NOTHING"
        if connection.dialect.name == "postgresql":
            statement = statement.replace("?", "%s")
        connection.exec_driver_sql(statement, [(d, codec.pack(body)) for d, body in new.items()])
    return digests


def get_blobs(connection: sa.Connection, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    """Digest -> body, for every digest asked for.

    Raises:
        CorruptionError: one is missing, or its bytes do not match its digest.
    """
    wanted = list(dict.fromkeys(bytes(d) for d in digests))
    codec = _codec(connection)
    found: dict[bytes, bytes] = {}
    for digest, data in _rows(connection, wanted, "digest, data"):
        key = bytes(digest)
        body = codec.unpack(bytes(data))
        if digest_bytes(body) != key:
            raise damaged(f"blob {key.hex()} does not match its digest")
        found[key] = body
    missing = [d.hex() for d in wanted if d not in found]
    if missing:
        raise damaged(f"the store lacks {len(missing)} of its blobs, the first is {missing[0]}")
    return found


def _rows(connection: sa.Connection, digests: Sequence[bytes], columns: str) -> list[Any]:
    """Rows of the table by digest; statements of the hot path are not built by SQLAlchemy."""
    rows: list[Any] = []
    for start in range(0, len(digests), _AT_ONCE):
        part = list(digests[start : start + _AT_ONCE])
        if connection.dialect.name == "postgresql":
            found = connection.exec_driver_sql(f"SELECT {columns} FROM blob WHERE digest = ANY(%s)", (part,))
        else:
            marks = ",".join("?" * len(part))
            found = connection.exec_driver_sql(
                f"SELECT {columns} FROM blob WHERE digest IN ({marks})", tuple(part)
            )
        rows += found.fetchall()
    return rows
