"""Gates: read with file and line, judged without flattering."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import ConfigError
from segue.evaluation.audits.reporting.gates import Gate, example_gates, judge, read_gates
from support.evaluation.auditing import audited, message, sound_row


def _file(folder: Path, text: str) -> Path:
    path = folder / "gates.yaml"
    path.write_text(text, "utf-8")
    return path


def test_gates_are_read(tmp_path: Path) -> None:
    gates = read_gates(
        _file(tmp_path, "repeats:\n  repeated: {max: 0}\nprogress:\n  moves@t2:\n    min: .2\n    max: 1\n")
    )
    assert gates == [Gate("repeats", "repeated", None, 0.0, 2), Gate("progress", "moves@t2", 0.2, 1.0, 4)]
    assert gates[1].limit == "at least 0.2 and at most 1"


def test_the_example_is_read(tmp_path: Path) -> None:
    assert len(read_gates(_file(tmp_path, example_gates()))) >= 10


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("repeats:\n  repeated: {max: 0}\nrepeat:\n  x: {max: 0}\n", 3, "there is no audit 'repeat'"),
        ("# gates\nrepeats:\n  again: {max: 0}\n", 3, "the audit 'repeats' has no metric 'again'"),
        ("repeats:\n  repeated:\n    most: 0\n", 3, "'most' is no limit"),
        ("repeats:\n  repeated: {max: none}\n", 2, "a limit must be a number"),
        ("repeats:\n  repeated: {max: yes}\n", 2, "a limit must be a number"),
        ("repeats:\n  repeated: {}\n", 2, "no limit is given"),
        ("repeats: 3\n", 1, "must be a mapping of metrics"),
        ("- repeats\n", 1, "must be a mapping of audits"),
    ],
)
def test_wrong_gates_are_named_with_file_and_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_gates(path)
    assert caught.value.message.startswith(f"{path}, line {line}: {what}")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("repeat:\n  x: {max: 0}\n", "one of partition, known-picks, pool-picks"),
        ("words:\n  again: {max: 0}\n", "one of listener, recsys, listener-thought"),
        ("repeats:\n  repeated:\n    most: 0\n", "give min or max"),
        ("repeats:\n  repeated: {}\n", "give min or max"),
        ("{}", "`segue audit --example-gates` prints some"),
    ],
)
def test_wrong_gates_say_what_would_be_right(tmp_path: Path, text: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_gates(_file(tmp_path, text))
    assert (caught.value.hint or "").startswith(hint)


@pytest.mark.parametrize("limit", ["[1, 2]", "{a: 1}", "'", "2020-01-01", ""])
def test_a_limit_is_one_number(tmp_path: Path, limit: str) -> None:
    with pytest.raises(ConfigError, match=r"a limit must be a number|is not YAML"):
        read_gates(_file(tmp_path, f"repeats:\n  repeated:\n    max: {limit}\n"))


@pytest.mark.parametrize(
    ("text", "what"), [("", "must be a mapping"), ("{}", "holds no gate"), ("a: [", "is not YAML")]
)
def test_files_without_gates_are_refused(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        read_gates(_file(tmp_path, text))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_gates(tmp_path / "nowhere.yaml")


def test_gates_are_judged() -> None:
    row = sound_row()
    message(row, 3, "music")["content"] = "t1"
    data = audited(row)
    met, unmet, low, absent = judge(
        [
            Gate("repeats", "repeated", None, 0.25, 1),
            Gate("repeats", "repeated", None, 0.1, 2),
            Gate("progress", "moves", 0.9, None, 3),
            Gate("linkage", "linked", None, 1.0, 4),
        ],
        data,
    )
    assert (met.met, met.value, met.reason) == (True, 0.25, None)
    assert (unmet.met, unmet.value, unmet.reason) == (False, 0.25, "must be at most 0.1")
    assert (low.met, low.reason) == (False, "must be at least 0.9")
    assert (absent.met, absent.reason) == (False, "not applicable: needs sessions"), (
        "not looked at proves nothing"
    )


def test_no_occasion_is_no_fault_but_no_audit_is() -> None:
    data = audited(sound_row(), only="pivots")
    nothing, unrun = judge(
        [Gate("pivots", "rejected-again", None, 0.1, 1), Gate("repeats", "repeated", None, 0, 2)], data
    )
    assert (nothing.met, nothing.reason) == (True, "nothing to count")
    assert (unrun.met, unrun.reason) == (False, "the audit was not run")
