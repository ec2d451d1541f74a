"""What Google's services refuse, in their layout."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An answer other than 200, in Google's layout."""

    def __init__(
        self, code: int, status: str, message: str, details: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.status, self.message, self.details = code, status, message, details or []

    def body(self) -> dict[str, Any]:
        error = {"code": self.code, "message": self.message, "status": self.status}
        return {"error": {**error, "details": self.details} if self.details else error}


def invalid(message: str) -> Refused:
    return Refused(400, "INVALID_ARGUMENT", message)
