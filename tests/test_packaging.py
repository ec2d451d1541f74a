"""The package as it is built: every room listed, everything that is not code in the wheel, nothing of the tests."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
NOT_ROOMS = {"tests", "benchmarks", "docs", "build", "dist"}
LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "build", "dist", "*.egg-info", "tests", "benchmarks", "*.db*"
)


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages() -> set[str]:
    """Every folder with an `__init__.py`, by the name it is imported under."""
    found = {"segue"}
    for path in ROOT.rglob("__init__.py"):
        parts = path.relative_to(ROOT).parts[:-1]
        if parts and parts[0] not in NOT_ROOMS and not parts[0].startswith("."):
            found.add(".".join(("segue", *parts)))
    return found


def test_every_package_is_listed() -> None:
    listed = project()["tool"]["setuptools"]["packages"]
    assert set(listed) == packages()
    assert len(listed) == len(set(listed))


def test_what_is_imported_by_name_is_declared() -> None:
    """`make check` reads import statements; here are those that are made from a name."""
    told = project()["project"]
    declared = [
        *told["dependencies"],
        *(r for extra in told["optional-dependencies"].values() for r in extra),
    ]
    names = {canonicalize_name(Requirement(requirement).name) for requirement in declared}
    modules = project()["tool"]["deptry"]["package_module_name_map"]
    owners = {**packages_distributions(), **{module: [name] for name, module in modules.items()}}
    found = {
        name
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in {*NOT_ROOMS, ".venv", ".build"}
        for name in re.findall(r'\b(?:import_module|require)\("(\w+)', path.read_text(encoding="utf-8"))
    }
    assert "openai" in found
    undeclared = {n for n in found if not names & {canonicalize_name(owner) for owner in owners.get(n, [n])}}
    assert not undeclared


def test_every_requirement_is_bounded_above() -> None:
    told = project()
    named = [*told["project"]["dependencies"], *told["dependency-groups"]["dev"]]
    named += [r for extra in told["project"]["optional-dependencies"].values() for r in extra]
    assert [name for name in named if "<" not in name] == ["setuptools>=77.0.3"]


def test_all_that_is_set_up_is_pinned_to_a_version_that_anybody_can_have() -> None:
    """What trains, too: `make constraints` writes down what lies in a venv, and a package that is not there is lost."""
    told, makefile = project(), (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pins = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}
    extras = ",".join(re.findall(r"^(?:EXTRAS|TRAINING) := (\S+)$", makefile, re.MULTILINE)).split(",")
    assert "train" in extras and "dataset" in extras
    named = [*told["project"]["dependencies"], *told["dependency-groups"]["dev"]]
    named += told["dependency-groups"]["models"]
    named += [r for extra in extras for r in told["project"]["optional-dependencies"][extra]]
    wanted = [each for each in map(Requirement, named) if each.marker is None or each.marker.evaluate()]
    loose = [str(each) for each in wanted if pins.get(canonicalize_name(each.name), "") not in each.specifier]
    assert loose == ["setuptools>=77.0.3"]  # which pip does not count among what it froze
    assert not [version for version in pins.values() if "+" in version]


def test_every_folder_of_code_is_a_package() -> None:
    with_code = {path.parent for path in ROOT.glob("*/**/*.py")} | {
        path.parent for path in ROOT.glob("*/*.py")
    }
    for folder in with_code:
        top = folder.relative_to(ROOT).parts[0]
        if top not in NOT_ROOMS and not top.startswith("."):
            assert (folder / "__init__.py").exists(), f"{folder.relative_to(ROOT)} has no __init__.py"


def test_every_room_has_its_layer() -> None:
    [contract] = [c for c in project()["tool"]["importlinter"]["contracts"] if c["id"] == "layers"]
    rooms = {name for name in packages() if name.count(".") == 1}
    assert set(contract["layers"]) == rooms


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the wheel, built from a copy so that the working tree stays clean."""
    for needed in map(Requirement, ["build", *project()["build-system"]["requires"]]):
        if find_spec(needed.name) is None or version(needed.name) not in needed.specifier:
            pytest.skip(f"building a wheel offline needs {needed}")
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=LEFT_OUT)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(
        [*command, str(folder / "source")], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("prompts/templates", "**/*.j2"),
        ("prompts/goals", "*.yaml"),
        ("models/costs", "*.yaml"),
        ("evaluation/audits", "**/*.yaml"),
        ("models/offline/words", "*.yaml"),
        ("agents/chair", "*.yaml"),
        ("agents/chair", "*.json"),
        ("catalog/demo/data", "*"),
        ("checkpoints/saver/packing", "*.zdict"),
        ("viewer/templates", "**/*.j2"),
        ("viewer/static", "*"),
    ],
)
def test_the_wheel_holds_what_is_not_code(wheel: set[str], folder: str, pattern: str) -> None:
    files = [path for path in (ROOT / folder).glob(pattern) if path.is_file()]
    assert files, f"nothing in {folder}"
    assert {f"segue/{path.relative_to(ROOT).as_posix()}" for path in files} <= wheel


def test_the_wheel_holds_all_code_and_says_that_it_is_typed(wheel: set[str]) -> None:
    code = {name for name in wheel if name.endswith(".py")}
    wanted = set()
    for package in packages():
        folder = ROOT.joinpath(*package.split(".")[1:])
        wanted |= {f"segue/{p.relative_to(ROOT).as_posix()}" for p in folder.glob("*.py")}
    assert code == wanted
    assert "segue/py.typed" in wheel


def test_the_wheel_holds_no_tests(wheel: set[str]) -> None:
    tops = {name.split("/")[1] for name in wheel if name.startswith("segue/")}
    assert not tops & NOT_ROOMS
    assert {name.split("/")[0].partition("-")[0] for name in wheel} == {"segue"}
