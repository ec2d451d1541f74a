"""Files, caches and batch jobs: what is waited for, looked for, and said when an answer is not what it should be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from segue.core.errors import ModelSetupError, TransientModelError
from segue.models.factory import closed_model
from segue.models.gemini.resources import GeminiResources
from segue.models.spec import ModelSpec
from support.catalog.small_media import cover_bytes
from support.gemini.client import gemini, pick_last
from support.gemini.server import GeminiServer
from support.models.loopback import HttpRequest, HttpResponse, Loopback


class Scripted(Loopback):
    """Answers with one body after the other."""

    def __init__(self, *bodies: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(self._handle)
        self._bodies, self._headers = list(bodies), headers or {}
        self.asked: list[str] = []

    async def _handle(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(f"{request.method} {request.path}")
        headers = {name: value.format(url=self.url) for name, value in self._headers.items()}
        return HttpResponse(200, json.dumps(self._bodies.pop(0)).encode(), headers=headers)


async def test_a_file_that_is_still_processed_is_waited_for() -> None:
    file = {"name": "files/a", "uri": "https://example.org/files/a", "state": "PROCESSING"}
    ready = {**file, "state": "ACTIVE", "expirationTime": "1970-01-02T00:00:00.123456789Z"}
    with Scripted({}, {"file": file}, ready, headers={"X-Goog-Upload-URL": "{url}/upload/here"}) as server:
        async with gemini(server) as model:
            held = await GeminiResources(model).upload(b"abc", "image/jpeg", "a cover")
    assert (held.name, round(held.expires)) == ("files/a", 86400)
    assert server.asked == ["POST /upload/v1beta/files", "POST /upload/here", "GET /v1beta/files/a"]


@pytest.mark.parametrize("headers", [{}, {"X-Goog-Upload-URL": "{url}/upload/here"}])
async def test_an_answer_that_lacks_something_says_what(headers: dict[str, str]) -> None:
    with Scripted({}, {}, headers=headers) as server:
        async with gemini(server) as model:
            with pytest.raises(TransientModelError, match=r"upload of a cover: .*the answer lacks"):
                await GeminiResources(model).upload(b"abc", "image/jpeg", "a cover")


async def test_a_job_is_found_by_its_label_on_whatever_page() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            resources = GeminiResources(model)
            item = resources.batch_item("key", [HumanMessage("Hello.")], {})
            names = [await resources.create_batch([item], f"job {n}") for n in range(130)]
            assert await resources.find_batch("job 120") == names[120]
            assert await resources.find_batch("job 130") is None
    pages = [asked for asked in server.resources if asked[0] == "GET"]
    assert pages == [("GET", "/v1beta/batches", 200)] * 4


async def test_what_is_gone_says_what_it_was_about() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            resources = GeminiResources(model)
            with pytest.raises(
                ModelSetupError, match=r"cache cachedContents/a: .*403: CachedContent not found"
            ):
                await resources.extend_cache("cachedContents/a", 60.0)
            with pytest.raises(ModelSetupError, match=r"batch batches/a: .*404"):
                await resources.batch("batches/a", ["key"])
            file = await resources.upload(cover_bytes(), "image/jpeg", "a cover")
    assert file.uri.endswith(file.name)


def test_other_models_have_none() -> None:
    for name in ("openai:gpt-x", "google_genai:gemini-2.5-flash"):
        with pytest.raises(ModelSetupError, match="are Gemini's alone"):
            GeminiResources(closed_model(ModelSpec.of(name)))
