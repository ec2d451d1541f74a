"""`GeminiClient`: Gemini's documented REST interface, as JSON over aiohttp. Every request is sent once."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from urllib.request import getproxies

from pydantic import SecretStr

from ...core.errors import UnfitBody
from ...core.text import one_line
from ..faults.transport import MOST_BYTES, Intake

if TYPE_CHECKING:
    import aiohttp

API_VERSION: Final = "v1beta"
"""Caches and batch jobs are in no other one."""
HOST: Final = "https://generativelanguage.googleapis.com"


class _GeminiError(Exception):
    """The provider's refusal, which `models.faults.failures` maps. No `response` in it: LangChain would read it."""

    def __init__(self, response: aiohttp.ClientResponse, body: bytes) -> None:
        super().__init__(body.decode(errors="replace").strip() or response.reason)
        self.code, self.headers = response.status, response.headers
        try:
            self.details = json.loads(body)
        except ValueError:  # a gateway's page of HTML: its words are the exception's
            self.details = {}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise UnfitBody(f"{one_line(str(error))}: {one_line(body[:120].decode(errors='replace'))}") from None
    if not isinstance(found, dict):
        raise UnfitBody(f"no JSON object, but {one_line(body[:120].decode(errors='replace'))}")
    return found


class GeminiClient:
    """One account's way to the provider. Belongs to the event loop of its first request.

    All requests raise `_GeminiError` for a refusal, aiohttp's `ClientError` or `TimeoutError` for what was lost on
    the way, and `UnfitBody` for an answer that is too large or no JSON object.

    Args:
        base_url: in place of Google's own address, without the API version.
        timeout_s: of one request.
    """

    def __init__(self, key: SecretStr, base_url: str | None, timeout_s: float) -> None:
        self._key, self._host, self._timeout_s = key, (base_url or HOST).rstrip("/"), timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self, method: str, path: str, body: Any = None, *, most: int = MOST_BYTES, **query: object
    ) -> dict[str, Any]:
        """The answer to a request about `path`, such as `cachedContents`. `most`: bytes that it may have."""
        url = f"{self._host}/{API_VERSION}/{path}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        return (await self._send(method, url, data, {"Content-Type": "application/json"}, most))[0]

    async def upload(self, data: bytes, mime_type: str, label: str) -> dict[str, Any]:
        """Send a file, the resumable way in one piece. Raises `KeyError` where the answer lacks what it should hold."""
        start = {
            "Content-Type": "application/json",
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(len(data)),
            "X-Goog-Upload-Header-Content-Type": mime_type,
        }
        about = json.dumps({"file": {"displayName": label}}).encode()
        _, headers = await self._send("POST", f"{self._host}/upload/{API_VERSION}/files", about, start)
        finish = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
        file: dict[str, Any] = (await self._send("POST", headers["X-Goog-Upload-URL"], data, finish))[0][
            "file"
        ]
        return file

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
        self._session = None

    async def _send(
        self,
        method: str,
        url: str,
        data: bytes | None,
        headers: dict[str, str],
        most: int = MOST_BYTES,
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        """(body, headers) of the answer."""
        if self._session is None:
            self._session = self._open()
        piece = None if data is None else io.BytesIO(data)  # aiohttp wants large bodies as a file
        async with self._session.request(method, url, data=piece, headers=headers) as response:
            intake, body = Intake(ok=response.ok, most=most), bytearray()
            async for chunk in response.content.iter_any():
                body += intake.take(chunk)
            body += intake.end()
        if not response.ok:
            raise _GeminiError(response, bytes(body))
        return _json_object(bytes(body)), response.headers

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        # As many connections as the limits let through. Asked for proxies, aiohttp also looks for a .netrc file, in a
        # thread, before each request.
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
            headers={"x-goog-api-key": self._key.get_secret_value()},
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
            trust_env=bool(getproxies()),
            read_bufsize=1 << 20,
        )
