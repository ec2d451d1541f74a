"""Every sample of the documents, run as it stands in an empty folder: each command works and prints what is shown."""

from __future__ import annotations

import asyncio
import functools
import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import segue
from support.cells import run_cells
from support.command import Command, Finished
from support.gemini.server import GeminiServer
from support.sample_settings import SETTINGS, UNTRIED, Setting
from support.samples import Sample, missing, samples, words

ROOT = Path(segue.__file__).parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = {
    "tutorial.md": "tests/integration/test_tutorial.py",
    "python.md": "tests/api/test_documents.py",
    "native-format.md": "tests/test_documents.py: docs/write_format.py writes it",
}
Prepared = Callable[[tuple[str, ...]], Path]
SPAN = re.compile(r"`(segue (?!:)[^`]+)`", re.DOTALL)


def _blocks() -> list[Any]:
    found = []
    for page in PAGES:
        for sample in samples(page) if page.name not in ELSEWHERE else ():
            marks = [pytest.mark.slow] if _setting(sample).slow else []
            found.append(pytest.param(sample, id=sample.place, marks=marks))
    return found


def _key(sample: Sample) -> str | None:
    return next((key for key in SETTINGS if f"{sample.document}: {sample.first}".startswith(key)), None)


def _setting(sample: Sample) -> Setting:
    return SETTINGS.get(_key(sample) or "", Setting())


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Prepared:
    """The folder after the commands that several samples are typed after, each of which is typed once."""

    @functools.cache
    def typed(before: tuple[str, ...]) -> Path:
        own = Command(tmp_path_factory.mktemp("prepared"), cache)
        if before:
            shutil.copytree(typed(before[:-1]), own.folder, dirs_exist_ok=True, symlinks=True)
            own(*words(before[-1]))
        return own.folder

    return typed


@pytest.mark.slow
@pytest.mark.parametrize("sample", _blocks())
def test_it_does_what_it_shows(
    sample: Sample,
    command: Command,
    prepared: Prepared,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting = _setting(sample)
    _prepare(setting, command, prepared)
    if sample.language == "python":
        monkeypatch.chdir(command.folder)
        asyncio.run(run_cells([setting.preamble + sample.text]))
    elif setting.found_in:
        found = (command.folder / setting.found_in).read_text("utf-8")
        line = re.sub(r"\s", "", sample.text)
        assert missing([line, "…"], re.sub(r"[^\S\n]", "", found)) == []
    else:
        with ExitStack() as servers:
            environ = _answered(setting, servers)
            for typed, shown in _steps(sample, setting, command):
                _type(command, typed, shown, setting, environ)


def _steps(sample: Sample, setting: Setting, command: Command) -> list[tuple[str, list[str]]]:
    if sample.is_shell:
        return sample.steps
    assert setting.name, f"nothing says how to try this sample:\n{sample.text}"
    command.write(sample.text, setting.name)
    return [(f"segue {typed}", []) for typed in setting.then]


def _answered(setting: Setting, servers: ExitStack) -> dict[str, str]:
    if not setting.gemini:
        return {}
    server = servers.enter_context(GeminiServer())
    return {"GOOGLE_API_KEY": "test", "SEGUE_BASE_URL": server.url}


def _prepare(setting: Setting, command: Command, prepared: Prepared) -> None:
    for name, text in setting.files.items():
        command.write(text, name)
    for name, make in setting.made.items():
        make(command.folder / name)
    if setting.before:
        shutil.copytree(prepared(setting.before), command.folder, dirs_exist_ok=True, symlinks=True)


def _type(
    command: Command, typed: str, shown: list[str], setting: Setting, environ: Mapping[str, str]
) -> None:
    given = words(typed)
    untried = any(typed.startswith(beginning) for beginning in UNTRIED)
    if given[0] == "make":
        given = _recipe(given[1])
        (command.folder / ".build" / "demo").mkdir(parents=True, exist_ok=True)
    if given[0] == "pip":
        assert _extras(typed) <= _all_extras(), typed
    elif given[0] != "segue":
        assert untried, f"neither a command of segue nor declared as untried: {typed}"
    elif untried:
        _parse(command, given[1:])
    else:
        done = _run(command, [setting.here.get(word, word) for word in given[1:]], setting, environ)
        lost = missing(shown, done.out, done.err, varies=setting.varies)
        assert not lost, f"{typed}\n{lost}\nwhat it prints is\n{done.out}{done.err}"


def _run(command: Command, given: list[str], setting: Setting, environ: Mapping[str, str]) -> Finished:
    given, target = (given[:-2], given[-1]) if ">" in given else (given, "")
    done = command(*filter(None, given), code=setting.codes, **environ)
    if target:
        command.write(done.out, target)
    return done


def _recipe(target: str) -> list[str]:
    """The command of segue that `make target` comes to, else `make` itself."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    rule = re.search(rf"^{target}:.*\n((?:\t.*\n)*)", makefile, re.MULTILINE)
    assert rule is not None, f"the Makefile has no {target!r}"
    found = re.search(r"\$\(BIN\)/(segue .*)", rule[1])
    return words(found[1]) if found else ["make", target]


def _extras(typed: str) -> set[str]:
    return {name for found in re.findall(r"\[([\w,]+)\]", typed) for name in found.split(",")}


def _all_extras() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return set(project["optional-dependencies"])


def _parse(command: Command, given: list[str]) -> None:
    """Help is shown only after the command line before it has been read: unknown flags and commands are refused.
    Brackets of a synopsis fall away, and of `this|that` the first is taken."""
    plain = (word.strip("[]").partition("|")[0] for word in given)
    command(*(word for word in plain if word not in ("", "…", "...")), "--help")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_text_can_be_parsed(page: Path, command: Command) -> None:
    for typed in sorted(set(SPAN.findall(page.read_text("utf-8")))):
        _parse(command, words(typed)[1:])


def test_what_is_declared_is_there() -> None:
    found = [sample for page in PAGES for sample in samples(page)]
    assert set(SETTINGS) == {key for key in map(_key, found) if key}
    typed = [step for sample in found if sample.is_shell for step, _ in sample.steps]
    assert [each for each in UNTRIED if not any(step.startswith(each) for step in typed)] == []


def test_what_a_sample_leaves_out_or_makes_up_is_told() -> None:
    out, err = "one\ntwo 2 s\nthree\n", "done at 2026-11-21T14:44\n"
    assert missing([], out, err) == []
    assert missing(["one", "two … s", "three", "done at 2026-01-01T00:00"], out, err) == []
    assert missing(["one", "…", "three"], out, err) == []
    assert missing(["three", "…", "one"], out, err) == ["one"]
    assert missing(["one", "two 3 s", "…"], out, err) == ["two 3 s"]
    assert missing(["one", "two 2 s", "done at 2026-01-01T00:00"], out, err) == ["not shown: three"]
