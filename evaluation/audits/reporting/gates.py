"""Gates: limits on what the audits may find, read from a YAML file; an unmet one ends the command with code 5."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from ....core.errors import ConfigError
from ....core.yaml_errors import NOT_YAML, yaml_problem
from ..suite import AUDITS, DataAudit

LIMITS = ("min", "max")


@dataclass(frozen=True)
class Gate:
    """One limit. `line` is where it stands in the file."""

    audit: str
    metric: str
    low: float | None
    high: float | None
    line: int

    @property
    def limit(self) -> str:
        parts = [f"at least {self.low:g}"] if self.low is not None else []
        parts += [f"at most {self.high:g}"] if self.high is not None else []
        return " and ".join(parts)


@dataclass(frozen=True)
class GateResult:
    """What a gate came to. `reason` says why it is not met, or that there was nothing to count.

    Attributes:
        met: None where the audit's rules do not hold for the language of the conversations: neither met nor unmet.
    """

    gate: Gate
    value: float | None
    met: bool | None
    reason: str | None = None


def example_gates() -> str:
    """A file of gates to begin with."""
    return (files(__package__) / "gates_example.yaml").read_text("utf-8")


def read_gates(path: Path) -> list[Gate]:
    """The gates of a file.

    Raises:
        ConfigError: it cannot be read, or an entry is wrong; names file and line.
    """
    try:
        root = yaml.compose(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except NOT_YAML as error:
        raise ConfigError(f"{path}: is not YAML: {yaml_problem(error)}") from error
    gates = [
        _gate(path, audit, metric, limits)
        for audit, metrics in _entries(path, root, "audits")
        for metric, limits in _entries(path, metrics, "metrics")
    ]
    if not gates:
        raise ConfigError(f"{path}: holds no gate", hint="`segue audit --example-gates` prints some")
    return gates


def _entries(path: Path, node: Node | None, of: str) -> list[tuple[ScalarNode, Node]]:
    if not isinstance(node, MappingNode):
        raise _wrong(path, node, f"must be a mapping of {of}")
    return [(key, value) for key, value in node.value if isinstance(key, ScalarNode)]


def _gate(path: Path, audit: ScalarNode, metric: ScalarNode, limits: Node) -> Gate:
    known = AUDITS.get(audit.value)
    if known is None:
        raise _wrong(path, audit, f"there is no audit {audit.value!r}", f"one of {', '.join(AUDITS)}")
    if known.measure_of(metric.value) is None:
        names = ", ".join(known.measures)
        raise _wrong(
            path, metric, f"the audit {audit.value!r} has no metric {metric.value!r}", f"one of {names}"
        )
    given: dict[str, float] = {}
    for key, value in _entries(path, limits, "min and max"):
        if key.value not in LIMITS:
            raise _wrong(path, key, f"{key.value!r} is no limit", "give min or max")
        given[key.value] = _number(path, value)
    if not given:
        raise _wrong(path, limits, "no limit is given", "give min or max")
    line = int(metric.start_mark.line) + 1
    return Gate(audit.value, metric.value, given.get("min"), given.get("max"), line)


def _number(path: Path, node: Node) -> float:
    try:
        number: Any = yaml.safe_load(node.value) if isinstance(node, ScalarNode) else None
    except yaml.YAMLError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise _wrong(path, node, "a limit must be a number")
    return float(number)


def _wrong(path: Path, node: Node | None, what: str, hint: str | None = None) -> ConfigError:
    line = f", line {node.start_mark.line + 1}" if node is not None else ""
    return ConfigError(f"{path}{line}: {what}", hint=hint)


def judge(gates: Iterable[Gate], data: DataAudit) -> list[GateResult]:
    """Each gate on one data set.

    A metric without a chance to count is met: there is no fault where there was no occasion. An audit that
    cannot be applied, or was not run, is not: what was not looked at proves nothing. One whose rules do not hold for
    the language of any conversation is not applicable, and fails nothing.
    """
    return [_judge(gate, data) for gate in gates]


def _judge(gate: Gate, data: DataAudit) -> GateResult:
    result = data.result(gate.audit)
    if result is None:
        return GateResult(gate, None, False, "the audit was not run")
    if result.lacking:
        return GateResult(gate, None, False, f"not applicable: needs {', '.join(result.lacking)}")
    if result.unspoken:
        return GateResult(
            gate, None, None, f"not applicable: its rules hold for {' and '.join(result.languages)}"
        )
    metric = result.metric(gate.metric)
    if metric is None or metric.value is None:
        return GateResult(gate, None, True, "nothing to count")
    low = gate.low is None or metric.value >= gate.low
    high = gate.high is None or metric.value <= gate.high
    return GateResult(gate, metric.value, low and high, None if low and high else f"must be {gate.limit}")
