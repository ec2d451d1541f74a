"""Batch jobs of the loopback server: requests in one body, answered all together after a while."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ..models.loopback import HttpResponse
from .refusals import Refused, invalid
from .shelf import stamp
from .wire import named

INLINE_BYTES = 20_000_000
"""Largest body of a job with its requests inside."""

CREATE = re.compile(r"/v\d\w*/models/([^/:]+):batchGenerateContent")
JOB = re.compile(r"/v\d\w*/(batches/[^/:]+)(:cancel)?")

AnswerItem = Callable[[str, dict[str, Any], int], dict[str, Any]]
"""Model, request's body and its size to the answer's body; raises `Refused`."""


@dataclass
class Job:
    """`results` are made when the job's time has come."""

    model: str
    label: str
    items: list[dict[str, Any]]
    created: float
    results: list[dict[str, Any]] | None = None
    state: str = "BATCH_STATE_PENDING"


@dataclass
class Batches:
    """All jobs.

    Attributes:
        seconds: how long a job takes.
        lost: ends every job that is due in this state instead, such as `BATCH_STATE_EXPIRED`.
    """

    clock: Callable[[], float]
    answer: AnswerItem
    seconds: float = 0.0
    lost: str | None = None
    jobs: dict[str, Job] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def create(self, model: str, body: dict[str, Any], size: int) -> HttpResponse:
        if size > INLINE_BYTES:
            raise invalid(f"Request payload size exceeds the limit: {INLINE_BYTES} bytes.")
        batch = body.get("batch", {})
        items = (named(batch, "inputConfig") or {}).get("requests", {}).get("requests", [])
        if not items:
            raise invalid("* BatchGenerateContentRequest.batch.input_config: requests are not specified")
        name = f"batches/b{next(self._numbers):010d}"
        self.jobs[name] = Job(model, str(named(batch, "displayName") or ""), items, self.clock())
        return self._described(name)

    def listed(self, path: str) -> HttpResponse:
        """One page of the jobs, as `pageSize` and `pageToken` ask."""
        query = dict(parse_qsl(path.partition("?")[2]))
        first = int(query.get("pageToken", "0"))
        after = first + int(query.get("pageSize", "50"))
        page: dict[str, Any] = {"operations": [self._about(name) for name in [*self.jobs][first:after]]}
        if after < len(self.jobs):
            page["nextPageToken"] = str(after)
        return HttpResponse(200, json.dumps(page).encode())

    def look(self, method: str, name: str, action: str | None) -> HttpResponse:
        """Get, cancel or delete a job."""
        if name not in self.jobs:
            raise Refused(404, "NOT_FOUND", f"Batch {name} is not found.")
        if method == "DELETE":
            del self.jobs[name]
            return HttpResponse(200, b"{}")
        if action:
            self.jobs[name].state = "BATCH_STATE_CANCELLED"
            return HttpResponse(200, b"{}")
        self._advance(self.jobs[name])
        return self._described(name)

    def _advance(self, job: Job) -> None:
        if job.state not in {"BATCH_STATE_PENDING", "BATCH_STATE_RUNNING"}:
            return
        if self.clock() < job.created + self.seconds:
            job.state = "BATCH_STATE_RUNNING"
        elif self.lost:
            job.state = self.lost
        else:
            job.results = [self._result(job.model, item) for item in job.items]
            job.state = "BATCH_STATE_SUCCEEDED"
            job.items = []

    def _result(self, model: str, item: dict[str, Any]) -> dict[str, Any]:
        kept = {"metadata": item["metadata"]} if "metadata" in item else {}
        try:
            body = item["request"]
            return {"response": self.answer(model, body, len(json.dumps(body))), **kept}
        except Refused as refused:
            # As google.rpc.Status: a number of its own, and the words.
            return {"error": {"code": 13 if refused.code >= 500 else 8, "message": str(refused)}, **kept}

    def _described(self, name: str) -> HttpResponse:
        return HttpResponse(200, json.dumps(self._about(name)).encode())

    def _about(self, name: str) -> dict[str, Any]:
        job = self.jobs[name]
        about: dict[str, Any] = {
            "model": f"models/{job.model}",
            "displayName": job.label,
            "state": job.state,
            "createTime": stamp(job.created),
        }
        if job.results is not None:
            about["output"] = {"inlinedResponses": {"inlinedResponses": job.results}}
        done = job.state not in {"BATCH_STATE_PENDING", "BATCH_STATE_RUNNING"}
        return {"name": name, "metadata": about, "done": done}
