"""The tutorial, step by step as it stands: each command prints what the page says, and it ends in a data frame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import segue
from support.cells import fenced, run_cells
from support.command import Command
from support.models.openai_server import OpenAIServer
from support.samples import missing, samples, words

PAGE = Path(segue.__file__).parent / "docs" / "tutorial.md"
SERVER = "http://127.0.0.1:8080/v1"
BRANCH = "e704820de61b"
"""As the page has it; each branch has an id of its own."""
INSTALLING = ("python3", ".", "pip")


def steps() -> Iterator[tuple[list[str], list[str]]]:
    """(the words of a command, the lines that it is said to print), in order."""
    for sample in samples(PAGE):
        for typed, printed in sample.steps if sample.is_shell else ():
            yield words(typed), printed


@pytest.mark.slow
def test_it_leads_to_a_data_frame(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("langchain_openai")
    with OpenAIServer() as server:
        here = {SERVER: server.address}
        for typed, printed in steps():
            if typed[0] != "segue":
                assert typed[0] in INSTALLING
                continue
            done = command(*(here.get(word, word) for word in typed[1:]))
            if typed[1] == "branch":
                here |= {BRANCH[:4]: done.out.split()[0]}
            said = [text.replace(here.get(BRANCH[:4], BRANCH), BRANCH) for text in (done.out, done.err)]
            assert missing(printed, *said) == [], said
        assert len(server.asked) > 5
    monkeypatch.chdir(command.folder)
    namespace, _ = asyncio.run(run_cells(fenced(PAGE)))
    turns = namespace["turns"]
    assert (
        isinstance(turns, pl.DataFrame) and turns.height == 4 * 4 + 2 and "title" in capsys.readouterr().out
    )
    assert namespace["means"].height == 5 and namespace["branch"].parent == namespace["run"][0].thread_id
