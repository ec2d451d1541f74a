"""What the samples of the documents find where they are tried; and which of their commands are not run, and why."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .catalog import sources
from .recommenders.cpcd_dialogs import small_dialogs, write_dialogs
from .samples import samples

ROWS = "talkplaydata-challenge.blind-a.excerpt.jsonl"


@dataclass(frozen=True)
class Setting:
    """What a sample finds in its folder.

    Attributes:
        before: commands of segue that were typed there before.
        files: what lies there, by name.
        here: words of the sample -> what stands for them here.
        made: name -> what makes that file or folder, given its path; skips where it has nothing to make it of.
        name: the file that a sample is, when it is no commands; `then` are the commands that read it.
        found_in: the file of which the sample is a line.
        preamble: Python that stands before it.
        gemini: whether Gemini is asked, at a loopback address.
        varies: what falls out differently with the calls that happen to be in flight together.
        codes: exit codes that it may come to.
    """

    before: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    here: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, Callable[[Path], object]] = field(default_factory=dict)
    name: str = ""
    found_in: str = ""
    then: tuple[str, ...] = ()
    preamble: str = ""
    gemini: bool = False
    varies: str = ""
    slow: bool = False
    codes: tuple[int, ...] = (0,)


def _copied(folder: str, name: str) -> Callable[[Path], object]:
    return lambda path: shutil.copyfile(sources.shared(folder) / name, path)


GRAPH = """
from langgraph.graph import START, MessagesState, StateGraph

builder = StateGraph(MessagesState)
builder.add_node("greet", lambda state: {"messages": [("ai", "hello")]})
builder.add_edge(START, "greet")
"""


def _linked(name: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(sources.shared(name))


PLAN = ("init", "run plan.yaml --turns 2 --modalities text")
TWELVE = ("run --sessions 12 --modalities text",)
THREE = ("run --sessions 3 --modalities text", "export out --split none")
STUDY = (
    "run --sessions 3 --turns 2 --modalities text --name spring",
    "study new pilot --source spring=spring --raters 8 --conversations 3 --ratings 8",
)
TALKS = ("run --sessions 4 --turns 2 --modalities text",)
SIX = ("run --sessions 6 --modalities text --name RUN", "export out --test-share 0.5")

DOCS = Path(__file__).parents[2] / "docs"


def example(document: str, beginning: str) -> str:
    """The sample that begins so."""
    return next(each.text for each in samples(DOCS / document) if each.text.startswith(beginning))


ASKED = """
from segue.state.views import RecsysView

view = RecsysView(
    modalities=("text",), profile=None, pool=(), exchanges=(), message="calm bossa nova", turn=1, turns=8
)
"""
ENCODER = ("walk train --out walked --conversations 20 --epochs 1",)
SETTINGS: dict[str, Setting] = {
    "walk.md: segue recommender check walk:walked": Setting(ENCODER, slow=True),
    "walk.md: $ segue walk evaluate": Setting(
        made={"cpcd": lambda path: write_dialogs(path / "dialogs.jsonl", small_dialogs())}
    ),
    "runs.md: name: one-or-four": Setting(name="plan.yaml", then=("ablate plan.yaml",), slow=True),
    "talkplay.md: segue run --sessions 40": Setting(TALKS),
    "talkplay.md: $ segue talkplay data": Setting(TALKS),
    "talkplay.md: segue walk sessions": Setting(TALKS, slow=True, here={"100": "9", "60": "2"}),
    "talkplay.md: $ segue talkplay evaluate": Setting((*TALKS, "talkplay data td")),
    "README.md: segue catalog check PATH": Setting(("catalog demo PATH",), here={"100": "1"}),
    "audits.md: segue audit --sample 200": Setting(
        SIX, here={"a": "out", "b": "out"}, codes=(0, 5), slow=True
    ),
    "audits.md: $ segue audit --all": Setting(SIX[:1]),
    "audits.md: segue metrics baseline": Setting(SIX, slow=True),
    "catalogues.md: segue catalog import [FORMAT]": Setting(
        made={"SOURCE": sources.lfm1b}, here={"[FORMAT]": ""}
    ),
    "catalogues.md: $ segue catalog import folder": Setting(
        made={"Music": _linked("music-folder")}, here={"~/Music": "Music"}
    ),
    "catalogues.md: segue catalog import lfm1b/": Setting(
        made={
            "lfm1b": _linked("lfm1b-sample"),
            "hetrec": _linked("hetrec-artist-tags"),
            "spotify_songs.csv": sources.spotify,
        }
    ),
    "costs.md: $ segue run": Setting(gemini=True, codes=(4,), varies=r"\$0\.0\d+ is|to \$0\.0\d+", slow=True),
    "costs.md: version:": Setting(
        name="prices.yaml",
        then=("estimate --sessions 1 --turns 1 --model openai:gpt-x --prices prices.yaml",),
    ),
    "data-sets.md: $ segue import": Setting(made={"talkplay2-rows": _linked("talkplay2-rows")}),
    "data-sets.md: $ segue stats": Setting(
        TWELVE, made={"theirs.jsonl": _copied("talkplay2-rows", ROWS)}, slow=True
    ),
    "goals.md: from segue.state": Setting(
        preamble="from segue.state.values import TrackCard\n"
        "card = TrackCard(track_id='a', title='b', artists=('c',), tags=('soul',), release_date='1971')\n"
        "cards = [card]\n"
    ),
    "goals.md: - {name: hasty": Setting(
        name="personas.yaml",
        then=(
            "estimate --sessions 1 --turns 2 --modalities text --answer-rules 3 --model google_genai:gemini-2.5-flash "
            "--personas personas.yaml",
        ),
    ),
    "delivery.md: $ segue run": Setting(gemini=True, varies=r"\$0\.0\d+|\d+ media|\d+ calls read", slow=True),
    "features.md: $ segue catalog features": Setting(slow=True),
    'features.md: {"track_id"': Setting(
        ("catalog features demo --out heard --media link --workers 2",),
        found_in="heard/features.jsonl",
        slow=True,
    ),
    "judging.md: export": Setting(THREE, gemini=True, slow=True),
    "judging.md: $ segue judge --data": Setting(THREE),
    "judging.md: $ segue judge --report": Setting((*TWELVE, "judge --model offline"), slow=True),
    "judging.md: $ segue judge --calibrate": Setting(("run --sessions 30 --modalities text",), slow=True),
    "judging.md: case,turn": Setting(
        (*THREE, "judge --model offline"), name="people.csv", then=("judge --human people.csv",)
    ),
    "recommenders.md: segue recommender check python": Setting(
        files={"mine.py": example("recommenders.md", "# mine.py")}
    ),
    "study.md: $ segue run --sessions 12": Setting(slow=True),
    "study.md: segue study report pilot": Setting(STUDY, here={"r07": "r7"}),
    "runs.md: session:": Setting(
        name="plan.yaml",
        files={"my-recsys.j2": "Play a track."},
        then=("run plan.yaml --turns 1 --modalities text",),
    ),
    "runs.md: $ segue run plan.yaml": Setting(PLAN, codes=(1, 2)),
    "runs.md: $ segue runs first-run": Setting(PLAN),
    "runs.md: segue retry first-run": Setting(PLAN),
    "runs.md: $ segue rename": Setting(
        (
            "run --sessions 1 --turns 1 --modalities text --name pilot",
            "run --sessions 1 --turns 2 --modalities text",
        )
    ),
    "pools.md: from pathlib": Setting(preamble=ASKED),
    "saver.md: from segue": Setting(preamble=GRAPH),
}
"""By document and beginning of the sample. A sample that is not here finds an empty folder."""

UNTRIED = {
    "segue walk reproduce": "minutes, and data of others: tests/evaluation/walk/test_reproducing.py",
    "segue study serve pilot": "a server: test_study_cli.py and tests/viewer/study",
    "pip install": "the network; that the extras exist is tested",
    "python3 -m venv": "sets up an environment",
    ". .venv": "sets up an environment",
    "make demo     #": "the sample below it shows what it prints",
    "make test": "it runs this very test",
    "export GOOGLE_API_KEY": "a key, which the loopback server stands in for",
    "segue run --sessions 10 --model google_genai:gemini-2.5-flash": "a key, and ten conversations",
    "segue run plan.yaml --engine processes": "four processes: test_processes_cli.py",
    "segue --store postgresql": "a cluster: test_ray_cli.py",
    "segue copy first-try --to postgresql": "a server of databases: test_upkeep_cli.py",
    "segue catalog features CATALOG [": "a synopsis",
    "segue run --sessions 40": "forty conversations; four stand for them",
    "segue talkplay tokenize": "packages that few have: test_talkplay_model_cli.py",
    "segue talkplay train": "packages that few have: test_talkplay_model_cli.py",
    "segue talkplay evaluate td --system bm25 --system": "packages that few have: test_talkplay_model_cli.py",
    "segue talkplay reproduce": "an hour, and packages that few have: test_talkplay_model_cli.py",
    "printf": "a pipe: test_walk_talk_cli.py",
    "segue talkplay talk": "packages that few have: test_talkplay_model_cli.py",
    "segue run --recsys talkplay:": "packages that few have: test_talkplay_model_cli.py",
    "segue run --model openai:smollm2": "a server: test_servers_cli.py",
    "segue run --model google_genai:gemini-2.5-flash --listener-model": "three servers: test_servers_cli.py",
}
"""Commands that are not run, by their beginning, and why. Those of segue are parsed all the same."""
