"""What the loopback server holds for its clients: uploaded files and cached contents, each for its time."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from segue.core.hashing import digest

from ..models.loopback import HttpRequest, HttpResponse
from .media import Blob, read_blob
from .meter import Meter, role_named
from .refusals import Refused, invalid
from .wire import Prefix, named, read_prefix

FILE_SECONDS = 48 * 3600.0
LEAST_CACHED = {"gemini-2.5-flash": 1024, "gemini-2.5-flash-lite": 1024, "gemini-2.5-pro": 4096}
HOST = "https://generativelanguage.googleapis.com"


@dataclass(frozen=True)
class Upload:
    """A file under way, between the two requests that send it."""

    mime_type: str
    size: int
    label: str


@dataclass(frozen=True)
class HeldFile:
    blob: Blob
    created: float
    label: str

    @property
    def expires(self) -> float:
        return self.created + FILE_SECONDS


@dataclass(frozen=True)
class HeldCache:
    """`ended`: when it was deleted; None while it is not."""

    model: str
    prefix: Prefix
    label: str
    created: float
    expires: float
    ended: float | None = None

    def lives(self, now: float) -> bool:
        return self.ended is None and now < self.expires


@dataclass
class Shelf:
    """Files and caches of one account. `clock` gives seconds since 1970; tests may move it.

    Attributes:
        ratios: role -> characters of a token.
        batches_use_caches: whether a batch request may refer to a cache; sources disagree on the real service.
    """

    clock: Callable[[], float]
    meter: Meter
    ratios: Mapping[str, float] = field(default_factory=dict)
    files: dict[str, HeldFile] = field(default_factory=dict)
    caches: dict[str, HeldCache] = field(default_factory=dict)
    _coming: dict[str, Upload] = field(default_factory=dict)
    _named: Counter[str] = field(default_factory=Counter)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def blob(self, uri: str) -> Blob:
        name = uri.rpartition("/")[2]
        found = self.files.get(name)
        if found is None or found.expires <= self.clock():
            raise Refused(
                403,
                "PERMISSION_DENIED",
                f"You do not have permission to access the File {name} or it may not exist.",
            )
        return found.blob

    def prefix(self, name: str, model: str) -> Prefix:
        cache = self._cache(name)
        if cache.model != model:
            raise invalid(f"Model used by GenerateContent request (models/{model}) and CachedContent differ.")
        return cache.prefix

    def live_caches(self) -> list[str]:
        """Names of the caches whose storage is being paid for now."""
        return [name for name, cache in self.caches.items() if cache.lives(self.clock())]

    def forget(self) -> None:
        """Lose every file and cache, as a client sees it that comes back days later."""
        self.files.clear()
        for name in self.live_caches():
            self._end(name)

    # Files.

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Either request of a resumable upload."""
        command = request.headers.get("x-goog-upload-command", "")
        number = request.path.partition("upload_id=")[2]
        if command == "start":
            return self._start(request)
        coming = self._coming.pop(number, None)
        if coming is None or "finalize" not in command:
            raise invalid("Upload has not been started, or comes in more pieces than this server takes.")
        if len(request.body) != coming.size:
            raise invalid(f"{coming.size} bytes were announced and {len(request.body)} came")
        blob = read_blob(coming.mime_type, request.body)
        name = self._name(coming.label, blob.digest)
        self.files[name] = HeldFile(blob, self.clock(), coming.label)
        self.meter.uploaded(len(request.body))
        return _json({"file": self._file(name)}, {"X-Goog-Upload-Status": "final"})

    def _start(self, request: HttpRequest) -> HttpResponse:
        from .wire import read_json

        about = read_json(request.body).get("file", {})
        headers = request.headers
        number = str(next(self._numbers))
        self._coming[number] = Upload(
            headers.get("x-goog-upload-header-content-type", ""),
            int(headers.get("x-goog-upload-header-content-length", "0")),
            str(named(about, "displayName") or ""),
        )
        url = f"http://{headers.get('host', '')}/upload/v1beta/files?upload_id={number}"
        return _json({}, {"X-Goog-Upload-URL": url, "X-Goog-Upload-Status": "active"})

    def file(self, method: str, name: str) -> HttpResponse:
        """Get or delete a file."""
        self.blob(name)
        if method == "DELETE":
            del self.files[name]
            return _json({})
        return _json(self._file(name))

    def _file(self, name: str) -> dict[str, Any]:
        held = self.files[name]
        return {
            "name": f"files/{name}",
            "displayName": held.label,
            "mimeType": held.blob.mime_type,
            "sizeBytes": str(len(held.blob.data)),
            "createTime": stamp(held.created),
            "expirationTime": stamp(held.expires),
            "uri": f"{HOST}/v1beta/files/{name}",
            "state": "ACTIVE",
            "source": "UPLOADED",
        }

    # Caches.

    def create_cache(self, body: dict[str, Any]) -> HttpResponse:
        model = str(body.get("model", "")).removeprefix("models/")
        if model not in LEAST_CACHED:
            raise Refused(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta.")
        role = role_named(str(named(body, "displayName") or ""))
        prefix = replace(read_prefix(body, self), ratio=self.ratios.get(role, 4.0))
        details = prefix.details()
        total, least = sum(details.values()), LEAST_CACHED[model]
        if total < least:
            raise invalid(
                f"Cached content is too small. total_token_count={total}, min_total_token_count={least}"
            )
        label, now = str(named(body, "displayName") or ""), self.clock()
        name = f"cachedContents/{self._name(label, repr(sorted(details.items())))}"
        self.caches[name] = HeldCache(model, prefix, label, now, now + _seconds(body.get("ttl", "3600s")))
        self.meter.cached(label, details)
        return _json(self._described(name))

    def cache(self, method: str, name: str, body: dict[str, Any]) -> HttpResponse:
        """Get, delete, or give more time to a cache."""
        held = self._cache(name)
        if method == "DELETE":
            self._end(name)
            return _json({})
        if method == "PATCH":
            self.caches[name] = replace(held, expires=self.clock() + _seconds(body.get("ttl", "")))
        return _json(self._described(name))

    def _cache(self, name: str) -> HeldCache:
        held = self.caches.get(name)
        if held is None or not held.lives(self.clock()):
            raise Refused(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)")
        return held

    def _end(self, name: str) -> None:
        self.caches[name] = replace(self.caches[name], ended=self.clock())

    def _name(self, *parts: str) -> str:
        """A name that depends on what it stands for and not on who came first, so that faults are drawn alike."""
        base = digest("\x1f".join(parts))[:12]
        self._named[base] += 1
        return f"{base}{self._named[base]}"

    def storage(self) -> dict[str, float]:
        """Cache's label -> token hours that were stored until now."""
        hours: dict[str, float] = {}
        for cache in self.caches.values():
            until = min(cache.expires, cache.ended if cache.ended is not None else self.clock())
            tokens = sum(cache.prefix.details().values())
            hours[cache.label] = hours.get(cache.label, 0.0) + tokens * (until - cache.created) / 3600
        return hours

    def _described(self, name: str) -> dict[str, Any]:
        held = self.caches[name]
        return {
            "name": name,
            "model": f"models/{held.model}",
            "displayName": held.label,
            "createTime": stamp(held.created),
            "updateTime": stamp(held.created),
            "expireTime": stamp(held.expires),
            "usageMetadata": {"totalTokenCount": sum(held.prefix.details().values())},
        }


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _seconds(ttl: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)s", ttl)
    if not match:
        raise invalid(f"Invalid value at 'cached_content.ttl': {ttl!r}")
    return float(match[1])


def _json(body: dict[str, Any], headers: dict[str, str] | None = None) -> HttpResponse:
    import json

    return HttpResponse(200, json.dumps(body).encode(), headers=headers)
