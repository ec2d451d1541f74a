"""Judging from the command line: at a loopback Gemini, through faults, killed and resumed, reported and on trial."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest
from segue.cli.failure import run_app
from segue.core.hashing import digest
from support.command import Command, Played, signalled
from support.gemini.answerers import Answerer, offline_answerer
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer
from support.gemini.wire import Ask

KEY = {"GOOGLE_API_KEY": "test"}
OFFLINE = ("judge", "--model", "offline")
FAULTY = (
    *(Fault.INTERNAL, Fault.UNAVAILABLE, Fault.DROPPED, Fault.GARBLED, Fault.RATE_LIMIT),
    *(Fault.MALFORMED, Fault.TRUNCATED, Fault.EMPTY_FIELD, Fault.BLOCKED_ANSWER, Fault.EMPTY_TEXT),
)
RATE = 0.1
MUTE = 40


def muttering() -> Answerer:
    """The offline judge, which for one conversation's question in `MUTE` never comes to the point."""
    judge = offline_answerer()

    def answer(ask: Ask) -> str:
        first = next(part for role, parts in ask.turns for part in parts if isinstance(part, str))
        if is_mute(first):
            return '{"reason": "Hard to say, really.", "score": 0}'
        return judge(ask)

    return answer


def is_mute(text: str) -> bool:
    return int(digest(text), 16) % MUTE == 0


def test_verdicts_as_lines_and_as_json(own: Command) -> None:
    done = own(*OFFLINE, "--json")
    assert len(done.rows) == 24 and "22 scored, 0 unscored, 2 not applicable, 0 failed" in done.err
    by_aspect = {row["aspect"]: row for row in done.rows if row["case_id"] == done.rows[0]["case_id"]}
    assert len(by_aspect) == 12 and len(by_aspect["recommendation"]["turns"]) == 3
    assert by_aspect["modality_use"]["outcome"] == "not_applicable"
    assert by_aspect["modality_use"]["reason"].endswith("clips and covers")
    again = own(*OFFLINE)
    assert "24 of all these known before" in again.err and len(again.out.splitlines()) == 24


@pytest.mark.slow
def test_judging_is_no_part_of_the_conversation_s_own_calls(own: Command) -> None:
    before = own("threads", "--json").rows
    own(*OFFLINE)
    assert own("threads", "--json").rows == before
    assert own("audit", "--json").document["sound"]


def test_threads_aspects_and_repeats_are_chosen(own: Command, played: Played) -> None:
    done = own(
        *OFFLINE, played.thread[:6], "--aspects", "recommendation,goal_fulfilment", "--repeats", 3, "--json"
    )
    assert Counter((row["aspect"], row["case_id"]) for row in done.rows) == {
        ("recommendation", played.thread): 3,
        ("goal_fulfilment", played.thread): 3,
    }
    assert sorted({row["repeat"] for row in done.rows}) == [0, 1, 2]


@pytest.mark.slow
def test_the_report_in_every_form(own: Command, tmp_path: Path) -> None:
    own(*OFFLINE)
    page, plots = tmp_path / "page.html", tmp_path / "plots"
    done = own("judge", "--report", "--html", page, "--plots", plots)
    assert "recommendation quality" in done.out and "3.35" in done.out and "by topic" in done.out
    assert "data:image/png;base64," in page.read_text(encoding="utf-8")
    assert sorted(path.name for path in plots.iterdir()) == ["aspects.png", "groups.png"]
    [judge] = own("judge", "--report", "--json").document["judges"]
    assert (judge["model"], judge["conversations"], len(judge["aspects"])) == ("offline", 2, 12)
    assert judge["aspects"][0]["published"] == 3.93


@pytest.mark.slow
def test_a_trial_of_the_offline_judge(own: Command) -> None:
    found = own(*OFFLINE, "--calibrate", "--repeats", 2, "--json").document
    assert found["conversations"] == 2 and len(found["cells"]) == 12 * 9
    cells = {(c["aspect"], c["corruption"]): c["separation"] for c in found["cells"]}
    assert cells["progress_label", "flip_label"]["auc"] > 0.5
    assert cells["listener_thought", "other_goal"] is None
    told = own(*OFFLINE, "--calibrate", "--repeats", 2)
    assert "faults noticed where they have to be" in told.out
    assert own("judge", "--report", "--json").document["judges"][0]["conversations"] == 2
    assert own("judge", "--report", "--json").document["judges"][0]["repeats"] == 2


@pytest.mark.slow
def test_agreement_with_people(own: Command, played: Played, tmp_path: Path) -> None:
    pytest.importorskip("krippendorff")
    own(*OFFLINE)
    ratings = tmp_path / "people.csv"
    lines = [
        f"{row['thread_id']},,recommendation,{who},{3 + (who == 'ann')}"
        for row in played.rows
        for who in "ab"
    ]
    ratings.write_text("case,turn,aspect,rater,score\n" + "\n".join(lines) + "\n", encoding="utf-8")
    [line] = own("judge", "--human", ratings, "--json").document["agreement"]
    assert (line["ratings"], line["raters"], line["compared"], line["equal"]) == (4, 2, 2, 1.0)
    ratings.write_text("case,turn,aspect,rater,score\nc,1,recommendation,a,9\n", encoding="utf-8")
    assert "line 2, field 'score'" in own("judge", "--human", ratings, code=2).err


@pytest.mark.slow
def test_an_exported_data_set_is_judged_as_its_threads_are(own: Command) -> None:
    own("export", "out")
    threads = own(*OFFLINE, "--json").rows
    rows = own(*OFFLINE, "--data", "out", "--json").rows
    assert len(rows) == len(threads) == 24 and {row["source"] for row in rows} == {"data:out"}
    compared = ("recommendation", "progress_label", "recsys_message_accuracy", "goal_fulfilment")
    scores = [
        Counter((r["aspect"], r["score"]) for r in found if r["aspect"] in compared)
        for found in (threads, rows)
    ]
    assert scores[0] == scores[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--aspects", "fun"], "no aspect 'fun'"),
        (["--modalities", "smell"], "'smell' is not a modality"),
        (["--modalities", "audio"], "must include text"),
        (["--report", "--calibrate"], "different questions"),
        (["--model", "google_genai:gemini-2.5-pro", "--thinking-budget", "0"], "always thinks"),
        (["--data", "nowhere"], "no such file or folder"),
        (["--run", "r", "--data", "x"], "choose one"),
        (["--catalog", "demo"], "goes with --data"),
        (["--max-cost", "1", "--model", "openai:none-such"], "no listed price"),
        (["--model", "offline", "--model", "openai:x", "--calibrate"], "one judge at a time"),
    ],
)
def test_what_cannot_be_done_is_said(
    played: Played, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = f"sqlite:///{played.command.folder / 'segue.db'}"
    assert run_app(["--store", store, "judge", *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_the_default_judge_is_gemini_pro_and_needs_a_key(own: Command) -> None:
    assert "GOOGLE_API_KEY" in own("judge", code=2).err
    with GeminiServer() as server:
        done = own("judge", "--aspects", "recommendation", "--base-url", server.url, "--json", **KEY)
    assert {row["model"] for row in done.rows} == {"google_genai:gemini-2.5-pro"} and len(server.asks) == 2
    assert {ask.model for ask in server.asks} == {"gemini-2.5-pro"} and {a.budget for a in server.asks} == {
        None
    }
    assert "2 calls, $0.0" in done.err


@pytest.mark.slow
def test_a_cap_on_money_stops_the_judge(own: Command) -> None:
    with GeminiServer() as server:
        flags = ("judge", "--base-url", server.url, "--concurrency", 1)
        done = own(*flags, "--max-cost", 0.2, code=4, **KEY)
        assert "the cap of $0.2000 is reached" in done.err and 0 < len(done.out.splitlines()) < 24
        own(*flags, **KEY)
    raw = [exchange.raw for exchange in server.exchanges]
    assert len(raw) == len(set(raw)) == 22, "nothing was asked twice"


@pytest.mark.slow
def test_fifty_conversations_through_faults_and_a_kill(command: Command) -> None:
    for seed in range(2):
        command("run", "--modalities", "text", "--turns", 3, "--sessions", 25, "--seed", seed)
    plan = FaultPlan(rates=dict.fromkeys(FAULTY, RATE / len(FAULTY)))
    flags = ("judge", "--concurrency", 16)
    with GeminiServer(muttering(), faults=plan, latency=0.02, retry_s=0.01) as server:

        def far_enough() -> bool:
            return sum(exchange.status == 200 for exchange in server.exchanges) >= 150

        with command.start(*flags, "--base-url", server.url, **KEY) as process:
            assert signalled(process, far_enough, signal.SIGKILL)[0] == -signal.SIGKILL
        before = len(server.exchanges)
        done = command(*flags, "--json", "--base-url", server.url, **KEY)
        asked = len(server.exchanges)
        again = command(*flags, "--json", "--base-url", server.url, **KEY)
        assert len(server.exchanges) == asked, "the third time everything is known"
    assert before < asked
    outcomes = Counter(row["outcome"] for row in done.rows)
    assert len({row["key"] for row in done.rows}) == len(done.rows) == 50 * 12, "nothing is lost"
    assert outcomes["not_applicable"] == 50 and outcomes["scored"] + outcomes["unscored"] == 550
    mute = {a.turns[0][1][0] for a in server.asks if is_mute(str(a.turns[0][1][0]))}
    assert len(mute) > 3 and outcomes["unscored"] == len(mute), (
        "unscored where nothing was to be read, only there"
    )
    assert all(row["score"] is None and row["reason"] for row in done.rows if row["outcome"] == "unscored")
    assert {row["key"]: row["score"] for row in again.rows} == {row["key"]: row["score"] for row in done.rows}
    drawn = Counter(exchange.fault for exchange in server.exchanges)
    assert sum(drawn.values()) - drawn[None] > RATE / 2 * asked
    answered = Counter(e.raw for e in server.exchanges if e.status == 200 and e.fault not in _NO_ANSWER)
    assert sum(answered.values()) - len(answered) <= 16, "only what was in flight at the kill was paid twice"
    report = command("judge", "--report", "--json").document["judges"][0]
    assert report["conversations"] == 50
    assert sum(line["unscored"] for line in report["aspects"]) == outcomes["unscored"]


_NO_ANSWER = {Fault.GARBLED}


def test_threads_and_a_run_are_not_judged_at_once(played: Played) -> None:
    for more in ((), ("--report",)):
        refused = played.command(*OFFLINE, played.thread, "--run", "first", *more, code=2)
        assert "--run judges a whole run, and threads were named too" in refused.err
