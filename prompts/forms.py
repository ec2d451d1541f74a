"""What a prompt's form says of each field of the answer, from the answer's JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def described_fields(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(field, what it should hold) of an answer's JSON schema, in order.

    Legal track ids and actions are left out: they change from turn to turn and stand in the request itself.
    """
    described = []
    for name, info in schema["properties"].items():
        said = info.get("description") or name.replace("_", " ")
        if "enum" in info and name not in ("track_id", "action"):
            said += " (one of: " + ", ".join(info["enum"]) + ")"
        if "maxLength" in info:
            said += f" (at most {info['maxLength']} characters)"
        if info.get("type") == "integer":
            said += f" (a whole number from {info['minimum']} to {info['maximum']})"
        described.append((name, said))
    return tuple(described)
