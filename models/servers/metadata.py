"""What a server says of itself, fetched with nothing but the standard library; and why it could not be asked."""

from __future__ import annotations

import json
import ssl
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError

from ...core.errors import MetadataError

MOST_BYTES: Final = 4 << 20
"""Of an answer; what is longer is no such thing."""


def fetch_json(
    url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None, timeout_s: float
) -> dict[str, Any]:
    """The JSON object under `url`; asked for by POST where there is a body.

    Raises:
        MetadataError: there is none.
    """
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {**headers, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=timeout_s) as answer:
            found = json.loads(answer.read(MOST_BYTES))
    except HTTPError as error:
        with error:
            raise _by_status(url, error.code) from None
    except (OSError, HTTPException) as error:
        raise _unreached(url, error) from None
    except ValueError:
        raise MetadataError(f"{url} answers with what is no JSON") from None
    if not isinstance(found, dict):
        raise MetadataError(f"{url} answers with what is no JSON object")
    return found


def _by_status(url: str, status: int) -> MetadataError:
    if status in {401, 403}:
        hint = "set the key that the server was started with in the variable of its provider"
        return MetadataError(f"{url} wants another key ({status})", status=status, final=True, hint=hint)
    return MetadataError(f"{url} answers with status {status}", status=status)


def _unreached(url: str, error: Exception) -> MetadataError:
    """Nothing there, or another protocol: both are as they are for every conversation; a late answer is not."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return MetadataError(f"the certificate of {url} is not trusted: {reason.verify_message}", final=True)
    if isinstance(reason, ssl.SSLError):
        return MetadataError(
            f"{url} does not speak TLS", final=True, hint="write http:// in place of https://"
        )
    if isinstance(reason, ConnectionRefusedError):
        hint = "start the server, or give its address with --base-url"
        return MetadataError(f"nothing listens at {url}", final=True, hint=hint)
    return MetadataError(f"{url} cannot be reached: {reason}")
