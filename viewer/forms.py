"""Forms that change something: read within bounds, and only from pages of this process."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_BYTES: Final = 256 * 1024
"""Of a form. What people type is far shorter."""

TOKEN: Final = "token"
"""The field that says which process the form is of."""


async def read_form(request: Request, token: str) -> Mapping[str, str]:
    """The fields of a form that a page of ours sent; of a field that is there twice, the last.

    Args:
        token: what it must carry.

    Raises:
        HTTPException: 413 for one that is too long, 403 for one without the token.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413, "This is longer than any form of ours.")
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if not secrets.compare_digest(fields.pop(TOKEN, "").encode(), token.encode()):
        raise HTTPException(
            403, "This form is of an earlier start of the server: go back and reload the page."
        )
    return fields
