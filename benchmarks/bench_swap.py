"""Swapping the recommender at a turn on shared trunks: how much less does the difference scatter?

Run: `python benchmarks/bench_swap.py [--sessions 46] [--repeats 1] [--draws 1] [--turn 4] [--turns 8]
[--first popularity] [--second random] [--catalog DIR] [--json FILE]`.

Trunks are played with the first recommender; at the turn each is branched with the first again and with the second, as
often as there are draws, so that the two differ from there alone; draws on one trunk are averaged. Beside them whole
conversations are played with each. Told, for each measure: the variance of the difference between the two, for one pair,
when pairs share a trunk; when they share a session alone; and when they share nothing (the sum of both variances),
measured from that turn on and over the whole conversation; and how many times less variance that is, for a pair and for
as many turns played: a pair of whole conversations plays them all twice, a trunk its beginning once and the rest as often
as it is branched. All come from the same runs; trunks on which either says nothing of a measure are left out everywhere.
Intervals of the ratios are of 95 %, from 2,000 draws of trunks.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import segue
from segue.evaluation.bench.measures import BENCH_MEASURES
from segue.evaluation.measured_part import WHOLE, Since, measured_part
from segue.models.costs.prices import load_prices
from segue.state.values import Agent

MEASURES = ("progress", "right_tracks", "reached", "turns_to_reach")
DRAWS = 2_000
Key = tuple[str, int]
"""Session and repeat."""


def values(store: segue.OpenStore, threads: Sequence[Any], since: Since, measure: str) -> dict[Key, float]:
    """What a measure says of the part since then, on average where a trunk has several."""
    found: dict[Key, list[float]] = {}
    for thread in threads:
        part = measured_part(store.reader.state(thread), [], load_prices(None), since)
        value = BENCH_MEASURES[measure].read(part)
        if value is not None:
            found.setdefault((thread.session_id, thread.config.get("repeat", 1)), []).append(value)
    return {key: statistics.fmean(drawn) for key, drawn in found.items()}


def played(options: argparse.Namespace, address: str) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Recommender -> whole conversations; the same -> branches of those of the first."""
    names = (options.first, options.second)
    settings = {
        "catalog": options.catalog,
        "sessions": options.sessions,
        "repeats": options.repeats,
        "turns": options.turns,
        "modalities": "text",
        "answer_rules": "3",
    }
    whole = {}
    for name in names:
        whole[name] = [c.thread for c in segue.play(segue.RunConfig(recsys=name, **settings), store=address)]
    branched: dict[str, list[Any]] = {name: [] for name in names}
    with segue.open_store(address) as store:
        for trunk in whole[options.first]:
            for name in names:
                # The branch that changes nothing has a draw of its own, too: else it would be the trunk itself.
                drawn = segue.branch(
                    trunk.thread_id,
                    turn=options.turn,
                    agent="recsys",
                    recsys=name,
                    seed=1,
                    count=options.draws,
                    store=store,
                )
                branched[name] += [branch.thread for branch in drawn]
    return whole, branched


def compared(
    store: segue.OpenStore,
    whole: Mapping[str, list[Any]],
    branched: Mapping[str, list[Any]],
    turn: int,
    measure: str,
) -> dict[str, Any]:
    """The variances under one measure."""
    later = Since(turn, Agent.RECSYS)
    columns = [
        *(values(store, threads, later, measure) for threads in branched.values()),
        *(values(store, threads, later, measure) for threads in whole.values()),
        *(values(store, threads, WHOLE, measure) for threads in whole.values()),
    ]
    keys = sorted(set.intersection(*(set(column) for column in columns)))
    rows = [[column[key] for column in columns] for key in keys]
    drawn, rng = [], random.Random(0)
    for _ in range(DRAWS):
        drawn.append(variances(rng.choices(rows, k=len(rows))))
    found = variances(rows)
    ratios = {
        f"{name}_over_shared_trunks": [_ratio(found, name), *_interval([_ratio(one, name) for one in drawn])]
        for name in ("unpaired", "unpaired_whole", "shared_sessions")
    }
    means = [statistics.fmean(column) for column in list(zip(*rows, strict=True))[:2]]
    return {"trunks": len(keys), "means_on_trunks": means, "variances": found, **ratios}


def variances(rows: Sequence[Sequence[float]]) -> dict[str, float]:
    """Of the difference of one pair. `rows`: of each trunk both branches, both conversations from the turn on, and
    both as a whole."""
    one, other, first, second, first_whole, second_whole = zip(*rows, strict=True)
    return {
        "shared_trunks": _of_difference(one, other),
        "shared_sessions": _of_difference(first, second),
        "unpaired": statistics.variance(first) + statistics.variance(second),
        "unpaired_whole": statistics.variance(first_whole) + statistics.variance(second_whole),
    }


def _of_difference(one: Sequence[float], other: Sequence[float]) -> float:
    return statistics.variance([b - a for a, b in zip(one, other, strict=True)])


def _ratio(found: Mapping[str, float], name: str) -> float:
    return found[name] / found["shared_trunks"] if found["shared_trunks"] else float("inf")


def _interval(drawn: list[float]) -> tuple[float, float]:
    ordered = sorted(drawn)
    return ordered[int(0.025 * len(ordered))], ordered[int(0.975 * len(ordered))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, usual in {"sessions": 46, "repeats": 1, "draws": 1, "turn": 4, "turns": 8}.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--first", default="popularity")
    parser.add_argument("--second", default="random")
    parser.add_argument("--catalog")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/swap.db"
        whole, branched = played(options, address)
        with segue.open_store(address) as store:
            found = {measure: compared(store, whole, branched, options.turn, measure) for measure in MEASURES}
    saved = _saved(options.turn, options.turns, options.draws)
    for told in found.values():
        ratios = told["unpaired_over_shared_trunks"]
        told["unpaired_over_shared_trunks_for_as_many_turns"] = [saved * ratio for ratio in ratios]
    sys.stdout.write(f"{options.first} and {options.second}, swapped at turn {options.turn}\n")
    for measure, told in found.items():
        sys.stdout.write(f"{measure}: {json.dumps(_rounded(told))}\n")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _saved(turn: int, turns: int, draws: int) -> float:
    """Turns of a pair of whole conversations over those of a trunk with its branches."""
    return 2 * turns / (turn - 1 + 2 * draws * (turns - turn + 1))


def _rounded(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _rounded(value) for name, value in told.items()}
    if isinstance(told, (list, tuple)):
        return list(map(_rounded, told))
    return round(told, 3) if isinstance(told, float) else told


if __name__ == "__main__":
    main()
