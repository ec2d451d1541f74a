"""What a shortlist costs on a large catalogue: CPU of each turn, building and reading the index, memory.

    python benchmarks/bench_shortlist.py [--tracks 100000] [--turns 8] [--talks 25] [--retriever bm25]

The tracks are synthetic: words are drawn as frequently as in a language, titles and artists from 40,000 made-up names.
Every turn is ranked by one thread; BLAS may use more, and their CPU is counted. Each retriever runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import synthetic
from segue.catalog.media import media_library
from segue.catalog.opening import open_catalog
from segue.prompts.library import PromptLibrary
from segue.recommenders.retrieval.index import index_key
from segue.recommenders.retrieval.names import RETRIEVERS
from segue.recommenders.retrieval.retriever import Retriever, open_retriever
from segue.runs.plan import RunPlan
from segue.runs.preparation.first_states import Preparation
from segue.runs.preparation.pools import SearchedPool
from segue.runs.settings.config import RunConfig
from segue.state.values import Profile, TrackCard
from segue.state.views import RecsysExchange, RecsysView

SHORTLIST, LYRICS, NAMES, TAGS = 32, 200, 40_000, 400
SESSION, SESSION_ID = 40, "synthetic-1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--talks", type=int, default=25)
    parser.add_argument("--retriever", choices=RETRIEVERS, action="append")
    parser.add_argument("--catalog", type=Path, help="a folder that was written before")
    options = parser.parse_args()
    if options.catalog is not None:
        print(measure(options.catalog, options.retriever[0], options))
        return
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), options.tracks)
        for name in options.retriever or RETRIEVERS:
            same = ["--turns", str(options.turns), "--talks", str(options.talks)]
            own = [sys.executable, __file__, "--catalog", folder, "--retriever", name, *same]
            subprocess.run(own, check=True, env={**os.environ, "SEGUE_CACHE": folder})


def write(folder: Path, count: int) -> None:
    """A native catalogue of so many tracks, with one session."""
    with (folder / "tracks.jsonl").open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows(count))
    session = {
        "session_id": SESSION_ID,
        "user_id": "somebody",
        "track_ids": [f"track-{n:06}" for n in range(SESSION)],
        "session_date": "2024-01-01",
    }
    (folder / "sessions.jsonl").write_text(json.dumps(session) + "\n")


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Tracks with all that is searched: a third have lyrics of 95 words."""
    draw = random.Random("shortlist")
    names = [synthetic.text(draw, 1)[:-1] + synthetic.text(draw, 1)[:-1].lower() for _ in range(NAMES)]
    tags = [synthetic.text(draw, 1)[:-1].lower() for _ in range(TAGS)]
    often = [1 / (rank + 3) for rank in range(TAGS)]
    for number in range(count):
        yield {
            "track_id": f"track-{number:06}",
            "track_name": [f"{draw.choice(names)} {synthetic.text(draw, 2)[:-1]}"],
            "artist_name": [" ".join(draw.choices(names, k=2))],
            "album_name": [draw.choice(names)],
            "tag_list": list(dict.fromkeys(draw.choices(tags, often, k=8))),
            "release_date": f"{draw.randint(1960, 2024)}",
            "popularity": float(draw.randint(0, 100)),
            **({"lyrics": synthetic.text(draw, 95)} if draw.random() < 0.33 else {}),
        }


def measure(folder: Path, name: Any, options: argparse.Namespace) -> str:
    """One line of figures."""
    catalog = open_catalog(str(folder))
    catalog.track_ids()
    told = list[str]()
    before = _resident()
    built, _ = _timed(lambda: _open(catalog, name, folder, told))
    grown = _peak() - before
    before = _resident()
    read, retriever = _timed(lambda: _open(catalog, name, folder, told))
    assert len(told) == 1, "the index was built twice"
    spent = [_cpu(retriever, view) for view in views(catalog, options.talks, options.turns)]
    held = _resident() - before
    pool = SearchedPool(_preparation(catalog, name), retriever)
    whole = [
        _cpu_of(lambda view=view: pool.shortlist(view, SESSION_ID))
        for view in views(catalog, options.talks, options.turns)
    ]
    size = (folder / "indexes" / f"{index_key(catalog, name, LYRICS)}.arrays").stat().st_size / 1e6
    at_95 = statistics.quantiles(spent, n=20)[-1]
    return (
        f"{name:5}  {len(catalog.track_ids()):,} tracks: CPU of a turn {statistics.median(spent):.1f} ms at the "
        f"median, {at_95:.1f} at 95 %, {max(spent):.1f} at most ({len(spent)} turns), {statistics.median(whole):.1f} with "
        f"the cards of its tracks; built in {built:.1f} s of CPU (+{grown:.0f} "
        f"MB at its peak), read in {read:.2f} s; file {size:.0f} MB, +{held:.0f} MB of memory when asked"
    )


def _open(catalog: Any, name: Any, folder: Path, told: list[str]) -> Retriever:
    return open_retriever(catalog, name, lyrics_chars=LYRICS, folder=folder / "indexes", say=told.append)


def views(catalog: Any, talks: int, turns: int) -> Iterator[RecsysView]:
    """Every turn of some conversations, in messages as long as generated ones."""
    draw = random.Random("talks")
    ids = catalog.track_ids()
    for _ in range(talks):
        exchanges: list[RecsysExchange] = []
        profile = Profile(
            preferred_musical_culture=synthetic.text(draw, 3),
            top_1_artist=catalog.track(draw.choice(ids)).artist,
            top_1_genre=draw.choice(catalog.track(draw.choice(ids)).tag_list),
        )
        for turn in range(1, turns + 1):
            track = catalog.track(draw.choice(ids))
            asked = (
                f"{synthetic.text(draw, 35)} {track.tag_list[0]}, not {track.tag_list[-1]}. {track.artist}?"
            )
            yield RecsysView(
                modalities=("text",),
                profile=profile,
                pool=(),
                exchanges=tuple(exchanges),
                message=asked,
                turn=turn,
                turns=turns,
            )
            card = TrackCard.of_row(track.to_row(), lyrics_chars=LYRICS)
            exchanges.append(
                RecsysExchange(
                    turn=turn, message=asked, thought="…", track_id=track.track_id, reply="…", track=card
                )
            )


def _cpu(retriever: Retriever, view: RecsysView) -> float:
    return _cpu_of(lambda: retriever.rank(view, SHORTLIST))


def _cpu_of(search: Any) -> float:
    """Milliseconds of CPU of all threads."""
    start = time.process_time()
    found = search()
    assert len(found) == SHORTLIST
    return (time.process_time() - start) * 1000


def _preparation(catalog: Any, name: Any) -> Preparation:
    config = RunConfig(pool="catalogue", retriever=name, modalities="text")
    prompts = PromptLibrary()
    return Preparation(RunPlan.of(config, catalog, prompts), catalog, media_library(), prompts)


def _timed(make: Any) -> tuple[float, Any]:
    """Seconds of CPU, and what was made."""
    start = time.process_time()
    made = make()
    return time.process_time() - start, made


def _resident() -> float:
    """MB that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
