"""Mutation testing: `python -m support.mutants [ROOM ...]` says how many small faults in a room its tests notice.

mutmut makes the mutants and runs, for each, the tests that reach the changed function. It wants the package as a
folder under its own name; so each room is tested in a copy of the project below `.build/mutants/`. Where a room has
too many mutants, a sample is drawn, the same one each time, and the score has an interval. `tests/mutants.yaml` lists
the rooms, and the mutants that change nothing that can be observed, each with the reason.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from segue.core.hashing import digest

ROOT = Path(__file__).parents[2]
STAGE = ROOT / ".build" / "mutants"
LISTED = ROOT / "tests" / "mutants.yaml"
NOT_SOURCE = shutil.ignore_patterns(
    ".*", "__pycache__", "*.egg-info", "*.db*", "tests", "benchmarks", "docs", "build", "dist"
)
KILLED = ("killed", "timeout", "segfault", "suspicious")
"""`timeout`: the mutant came to no end; `suspicious`: pytest itself broke off."""
SETTLED = ("killed", "segfault", "suspicious")
"""What is not tried again: a machine that is busy with other things may have been too slow for a mutant."""
BATCH = 400
"""Names on one command line."""
NOT_NEEDED = ("cacheprovider", "xdist", "unraisableexception", "threadexception", "langsmith_plugin", "anyio")
"""Plugins of pytest that cost more than a test takes, twice a garbage collection of all that is imported."""
FLAGS = [word for name in NOT_NEEDED for word in ("-p", f"no:{name}")] + ["--assert=plain", "-m", "not slow"]


@dataclass(frozen=True)
class Room:
    """What is mutated, and by which tests that has to be noticed.

    Attributes:
        mutate: patterns of files, from the project's root.
        sample: how many mutants are drawn; all when there are fewer.
        but: words of names of tests that take too long to be run for every mutant.
    """

    name: str
    mutate: tuple[str, ...]
    tests: tuple[str, ...]
    sample: int
    but: tuple[str, ...] = ()


@dataclass(frozen=True)
class Equivalent:
    """A mutant, or a sort of them, that no test can notice.

    Attributes:
        function: its name from the room on, or a pattern of names.
        change: what the mutant removes and adds, as two lines of a diff or more.
        adds: in place of `change`, a part of the line that it adds; empty for whatever it adds.
    """

    function: str
    reason: str
    change: str | None = None
    adds: str = ""

    def covers(self, function: str, change: str) -> bool:
        """Whether this is the mutant of that function which makes that change."""
        added = "".join(line for line in change.splitlines() if line.startswith("+"))
        same = self.adds in added if self.change is None else self.change.strip() == change
        return same and fnmatchcase(function, self.function)


@dataclass(frozen=True)
class Outcome:
    """What came of a room's sample; `mutants` are all there are."""

    room: Room
    mutants: int
    statuses: Counter[str]
    survivors: Sequence[str]

    @property
    def tested(self) -> int:
        return sum(self.statuses.values()) - self.statuses["equivalent"]

    @property
    def score(self) -> float:
        return sum(self.statuses[status] for status in KILLED) / self.tested

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, at 95 %; the score alone where every mutant was tested."""
        if sum(self.statuses.values()) == self.mutants:
            return self.score, self.score
        z, n, p = 1.96, self.tested, self.score
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def read_listed() -> tuple[list[Room], list[Equivalent]]:
    """The rooms and the equivalent mutants of `tests/mutants.yaml`."""
    listed = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    rooms = [
        Room(
            name,
            tuple(one["mutate"]),
            tuple(one["tests"]),
            one.get("sample", listed["sample"]),
            tuple(one.get("but", ())),
        )
        for name, one in listed["rooms"].items()
    ]
    return rooms, [Equivalent(**one) for one in listed["equivalent"] or ()]


def stage(room: Room) -> Path:
    """A folder with a copy of the project, in which mutmut works; results of before are kept in it."""
    folder = STAGE / room.name
    for source, target in ((ROOT, folder / "segue"), (ROOT / "tests", folder / "tests")):
        shutil.rmtree(target, ignore_errors=True)
        ignored = NOT_SOURCE if source == ROOT else shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, ignore=ignored)
    shutil.rmtree(folder / "mutants" / "tests", ignore_errors=True)
    pytest_options = (
        (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.pytest.ini_options]")[2]
    )
    own = {
        "source_paths": ["segue"],
        "only_mutate": [f"segue/{pattern}" for pattern in room.mutate],
        "pytest_add_cli_args": [
            *FLAGS,
            *(["-k", " and ".join(f"not {word}" for word in room.but)] if room.but else []),
        ],
        "pytest_add_cli_args_test_selection": list(room.tests),
        # Polars' threads do not outlive a fork: children of a process that has used it wait for ever.
        "process_isolation": "forkserver",
        # A machine that is busy with other things must not pass for a mutant that never ends.
        "timeout_constant": 3.0,
        "use_git_change_detection": False,
        "on_dependency_change": "ignore",
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in own.items()]
    text = "\n".join(["[tool.mutmut]", *lines, "", "[tool.pytest.ini_options]" + pytest_options])
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def mutmut(folder: Path, *arguments: str) -> str:
    """What mutmut prints. Raises `SystemExit` with its words when it fails."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(
            f"mutmut {arguments[0]} failed in {folder}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        )
    return done.stdout


def results(folder: Path) -> dict[str, str]:
    """Mutant -> its status."""
    lines = (line.strip() for line in mutmut(folder, "results", "--all", "true").splitlines())
    return dict(sorted(tuple(line.rsplit(": ", 1)) for line in lines if ": " in line))


def test_room(room: Room, equivalents: Sequence[Equivalent], seed: int) -> Outcome:
    """Make the room's mutants, test a sample of them that was not killed before, and sort what survives."""
    folder = stage(room)
    mutmut(folder, "run", "--max-children", "1", _some(folder, room))
    known = results(folder)
    # By digest: a mutant that is drawn stays so when others come and go.
    drawn = sorted(known, key=lambda name: digest(f"{seed} {name}"))[: room.sample]
    left = [name for name in drawn if known[name] not in SETTLED]
    for start in range(0, len(left), BATCH):
        mutmut(folder, "run", "--max-children", "1", *left[start : start + BATCH])
    known = results(folder)
    statuses, survivors = Counter[str](), []
    for name in drawn:
        status = known[name]
        if status not in KILLED:
            function, change = changed(folder, name)
            is_equivalent = any(one.covers(function, change) for one in equivalents)
            survivors += [] if is_equivalent else [f"{status}: {function}\n{change}\n"]
            status = "equivalent" if is_equivalent else status
        statuses[status] += 1
    (folder / "survivors.txt").write_text("\n".join(survivors), encoding="utf-8")
    return Outcome(room, len(known), statuses, survivors)


def _some(folder: Path, room: Room) -> str:
    """A pattern of few mutants, of one module: mutmut makes all of them before it tests these."""
    source = folder / "segue"
    found = [
        path
        for path in source.rglob("*.py")
        if any(fnmatchcase(path.relative_to(source).as_posix(), pattern) for pattern in room.mutate)
        and "\n    return " in path.read_text(encoding="utf-8")
    ]
    smallest = min(found, key=lambda path: path.stat().st_size).relative_to(folder)
    return ".".join(smallest.with_suffix("").parts) + ".*__mutmut_1"


def changed(folder: Path, mutant: str) -> tuple[str, str]:
    """The function, as `state.views.View.method`, and the lines of the diff that were removed and added."""
    module, _, mangled = mutant.partition("__mutmut_")[0].rpartition(".")
    function = mangled.replace("\u01c1", ".").removeprefix("x_").removeprefix("x.")
    lines = mutmut(folder, "show", mutant).splitlines()
    kept = [line for line in lines if line[:1] in "+-" and line[:3] not in ("---", "+++")]
    change = "\n".join(f"{line[0]} {line[1:].strip()}" for line in kept if line)
    return f"{module.removeprefix('segue.')}.{function}", change


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The figures by room, as lines."""
    names = ("mutants", "tested", "killed", "endless", "left", "equivalent")
    yield " ".join(["room".ljust(9), *(name.rjust(10) for name in names), " score (95 %)"])
    for one in outcomes:
        killed = sum(one.statuses[status] for status in KILLED)
        low, high = one.interval
        counts = (one.mutants, one.tested, killed, one.statuses["timeout"])
        counts += (len(one.survivors), one.statuses["equivalent"])
        told = f" {one.score:.1%} ({low:.1%} to {high:.1%})"
        yield " ".join([one.room.name.ljust(9), *(str(count).rjust(10) for count in counts), told])


def main() -> None:
    rooms, equivalents = read_listed()
    parser = argparse.ArgumentParser(description="How many small faults in a room its tests notice.")
    parser.add_argument("rooms", nargs="*", help="of tests/mutants.yaml; all when left out")
    parser.add_argument("--seed", type=int, default=0, help="of the samples")
    asked = parser.parse_args()
    unknown = set(asked.rooms) - {room.name for room in rooms}
    if unknown:
        parser.error(f"no room {sorted(unknown)[0]!r}; one of {', '.join(room.name for room in rooms)}")
    outcomes = [
        test_room(room, equivalents, asked.seed)
        for room in rooms
        if not asked.rooms or room.name in asked.rooms
    ]
    print("\n".join(table(outcomes)))
    for one in outcomes:
        print(f"what survived in {one.room.name}: {STAGE / one.room.name / 'survivors.txt'}")


if __name__ == "__main__":
    main()
