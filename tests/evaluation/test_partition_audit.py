"""The audit on conversations played by script: what it finds, what it calls public, what it cannot search for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from segue.checkpoints.store.timeline import steps
from segue.core.errors import Place
from segue.core.hashing import digest_of
from segue.evaluation.partition_audit import AuditReport, PartitionFinding, audit_thread
from segue.evaluation.partition_comparison import RenderedWith
from segue.graph.builder import NODES, Node
from segue.models.reply import Reply
from segue.models.request import AnswerFormat, Request
from segue.prompts.library import PromptLibrary
from segue.prompts.parts import Message, message
from segue.state.partition import Information, Partition
from segue.state.values import Agent
from support.agents.leaking import Gossip
from support.agents.scripted import Answering, ScriptedCalls, plain_answers
from support.state.playing import play, prompts
from support.state.states import first_state

Tamper = Callable[[Place, Request], Request]


@dataclass
class Kept:
    """The part of the ledger that the audit reads, filled with what the script was asked and answered."""

    kept: dict[str, dict[str, Any]]
    replies: dict[str, Reply]

    def read_request(self, key: str) -> dict[str, Any] | None:
        return self.kept.get(key)

    def read_reply(self, key: str) -> Reply | None:
        return self.replies.get(key)


async def audited(
    answering: Answering = plain_answers,
    *,
    tamper: Tamper = lambda place, request: request,
    nodes: Any = NODES,
    partition: Partition | None = None,
    library: PromptLibrary | None = None,
    answer_format: AnswerFormat = "json",
    turns: int = 2,
    lost: bool = False,
    **changes: Any,
) -> AuditReport:
    """Play, then audit what was sent, as `tamper` makes it look in the ledger."""
    saver, calls = InMemorySaver(), ScriptedCalls(answering, format=answer_format)
    await play(first_state(turns=turns, **changes), calls, saver=saver, nodes=nodes, partition=partition)
    kept = {}
    for place, attempt, request in calls.requests:
        sent = tamper(place, request)
        key = digest_of([request.digest, attempt])
        kept[key] = {**sent.to_json(), "templates": dict(sent.templates)}
    report, ledger = AuditReport(), Kept({} if lost else kept, calls.replies)
    library = library or prompts()
    audit_thread(report, "t", steps(saver, "thread"), ledger, RenderedWith(library, partition or Partition()))
    return report


def planting(text: str, *, agent: str = "recsys", turn: int = 2) -> Tamper:
    """Adds `text` to what was sent to `agent` on `turn`."""

    def tamper(place: Place, request: Request) -> Request:
        if (place.agent, place.turn) != (agent, turn):
            return request
        first, *others = request.messages
        return replace(
            request, messages=(Message(first.role, (*first.parts, *message("human", text).parts)), *others)
        )

    return tamper


def leaks(report: AuditReport) -> list[PartitionFinding]:
    return [finding for finding in report.findings if finding.kind == "leak"]


@pytest.mark.parametrize("answer_format", ["json", "yaml"])
async def test_a_normal_conversation_is_sound(answer_format: AnswerFormat) -> None:
    report = await audited(answer_format=answer_format)
    assert report.sound and report.threads == 1
    assert report.requests == report.rendered == {"profile": 1, "goal": 1, "listener": 3, "recsys": 2}
    assert report.searched["recsys", "goal"] == 7 * 2
    assert report.searched["listener", "recsys notes"] == 1 + 2


@pytest.mark.parametrize(
    ("secret", "information"),
    [
        ("secret goal to find sea songs of one kind", "goal"),
        ("secret listener thought 2", "listener notes"),
        ("template B-HL wants a certain thing", "goal templates"),
        ("profiling-track-03", "profiling tracks"),
        ("profiling lyrics about number 01 and the sea", "profiling tracks"),
        ("02profilingimage", "profiling tracks"),
    ],
)
async def test_a_leak_names_thread_turn_agent_and_information(secret: str, information: str) -> None:
    report = await audited(tamper=planting(f"By the way: {secret}."))
    [leak] = leaks(report)
    assert (leak.thread_id, leak.turn, leak.agent, leak.information) == ("t", 2, "recsys", information)
    assert repr(secret) in leak.detail
    [other] = [finding for finding in report.findings if finding.kind != "leak"]
    assert (other.kind, other.detail) == ("mismatch", "message 0 (system) is not what the view renders to")
    assert report.rendered["recsys"] == 1 and not report.sound


@pytest.mark.parametrize(
    "disguise",
    [
        "SECRET GOAL to find sea songs of one kind",
        "secret goal\nto find sea songs\nof one kind",
        "secret goal\\nto find \\u0073ea songs of one kind",
        "secret-goal-to-find-sea-songs-of-one-kind",
        '"secret \\"goal\\" to find sea songs of one kind"',
    ],
)
async def test_no_quoting_hides_a_secret(disguise: str) -> None:
    assert [leak.information for leak in leaks(await audited(tamper=planting(disguise)))] == ["goal"]


@pytest.mark.parametrize(
    ("agent", "turn", "secret", "information"),
    [
        ("listener", 2, "secret recsys thought 1", "recsys notes"),
        ("listener", 1, "pool lyrics about number 05 and the sea", "pool"),
        ("goal", 0, "profiling-track-01", "profiling tracks"),
        ("profile", 0, "template K-LH wants a certain thing", "goal templates"),
    ],
)
async def test_every_agent_s_requests_are_searched(
    agent: str, turn: int, secret: str, information: str
) -> None:
    [leak] = leaks(await audited(tamper=planting(secret, agent=agent, turn=turn)))
    assert (leak.agent, leak.turn, leak.information) == (agent, turn, information)


@pytest.mark.parametrize("passes_on", ["goal", "listener notes"])
async def test_a_node_that_goes_behind_the_partition_is_caught(passes_on: str) -> None:
    nodes: dict[Agent, Node] = dict(Gossip(passes_on).nodes)
    found = leaks(await audited(nodes=nodes))
    assert {(leak.agent, leak.information) for leak in found} == {("recsys", passes_on)}


async def test_what_the_listener_said_aloud_is_no_leak() -> None:
    def tells(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        answer = plain_answers(request, place, attempt)
        if request.agent is Agent.LISTENER and "message" in answer:
            answer["message"] = f"Turn {place.turn}: secret goal to find sea songs of one kind!"
        return answer

    report = await audited(tells)
    assert report.sound
    assert report.disclosed["recsys", "goal"] == 2
    assert report.searched["recsys", "goal"] == 14, "it was searched for, and found to be public"


async def test_short_secrets_are_counted_and_not_searched_for() -> None:
    def terse(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        answer = plain_answers(request, place, attempt)
        return {**answer, "thought": "hm, yes"} if request.agent is Agent.LISTENER else answer

    report = await audited(terse)
    assert report.sound
    assert report.skipped["recsys", "listener notes"] == 1 + 2
    assert report.searched["recsys", "listener notes"] == 0


async def test_a_repair_is_compared_and_searched_too() -> None:
    def stumbles(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        answer = plain_answers(request, place, attempt)
        wrong = request.agent is Agent.RECSYS and attempt == 0
        return {**answer, "track_id": "no-such-track"} if wrong else answer

    report = await audited(stumbles)
    assert report.sound
    assert report.requests["recsys"] == report.rendered["recsys"] == 4


async def test_a_changed_template_is_reported_and_the_bytes_are_searched_all_the_same() -> None:
    words = "You play music.\n{{ answer_format }}"
    report = await audited(library=PromptLibrary({"recsys": words}))
    assert [(f.kind, f.turn, f.agent) for f in report.findings] == [
        ("template", 1, "recsys"),
        ("template", 2, "recsys"),
    ]
    assert report.findings[0].detail == "recsys/system.j2 changed since the call was made"
    assert report.searched["recsys", "goal"] == 14


async def test_a_schema_with_an_id_that_is_not_open_is_a_mismatch() -> None:
    def widen(place: Place, request: Request) -> Request:
        if place.agent != "recsys":
            return request
        fields = request.schema["properties"]
        wider = {**fields["track_id"], "enum": [*fields["track_id"]["enum"], "another"]}
        return replace(request, schema={**request.schema, "properties": {**fields, "track_id": wider}})

    report = await audited(tamper=widen, turns=1)
    assert [f.detail for f in report.findings] == [
        "the schema of the answer differs from what the view allows"
    ]


async def test_a_message_more_is_a_mismatch() -> None:
    def add(place: Place, request: Request) -> Request:
        extra = (message("human", "One thing more."),) if place.agent == "goal" else ()
        return replace(request, messages=(*request.messages, *extra))

    [finding] = (await audited(tamper=add)).findings
    assert (finding.agent, finding.detail) == ("goal", "3 messages were sent, the view renders to 2")


async def test_a_ledger_without_the_calls_is_no_proof() -> None:
    report = await audited(lost=True)
    assert {finding.kind for finding in report.findings} == {"missing"} and len(report.findings) == 7
    assert report.requests.total() == 0


async def test_a_granted_piece_of_information_is_no_leak_under_the_grant() -> None:
    widened = Partition(grants=frozenset({(Agent.RECSYS, Information.GOAL)}))
    report = await audited(partition=widened)
    assert report.sound
    assert report.searched["recsys", "goal"] == 0 and report.searched["recsys", "listener notes"] > 0


def refused_once(message: str) -> Answering:
    """The recsys picks an unknown track first, and says `message` with it."""

    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        plain = plain_answers(request, place, attempt)
        if request.agent is not Agent.RECSYS or attempt:
            return plain
        return {**plain, "track_id": "no-such-track", "message": message}

    return answer


async def test_what_an_agent_said_by_itself_was_not_told_to_it() -> None:
    report = await audited(refused_once("A secret opening example one, perhaps?"), turns=1)
    assert report.sound and report.requests["recsys"] == report.rendered["recsys"] == 2
    assert report.disclosed["recsys", "goal"] == 1


async def test_what_was_told_with_the_refused_answer_is_still_a_leak() -> None:
    plant = planting("By the way: secret opening example one.", turn=1)
    report = await audited(refused_once("Try this one."), tamper=plant, turns=1)
    assert [leak.information for leak in leaks(report)] == ["goal", "goal"]


async def test_another_refused_answer_than_the_one_given_is_a_mismatch() -> None:
    def swap(place: Place, request: Request) -> Request:
        if "repair.j2" not in request.templates:
            return request
        words = (*request.messages[:-2], message("ai", "Something else."), request.messages[-1])
        return replace(request, messages=words)

    report = await audited(refused_once("Try this one."), tamper=swap, turns=1)
    assert [(f.kind, f.detail) for f in report.findings] == [
        ("mismatch", "what follows message 2 is not the refused answers and their reasons")
    ]


async def test_words_slipped_into_a_repair_are_a_mismatch() -> None:
    def slip(place: Place, request: Request) -> Request:
        if "repair.j2" not in request.templates:
            return request
        return replace(request, messages=(*request.messages[:-1], message("human", "Play it louder.")))

    report = await audited(refused_once("Try this one."), tamper=slip, turns=1)
    assert [(f.kind, f.agent) for f in report.findings] == [("mismatch", "recsys")]
