"""Swapping the recommender at a turn on shared trunks: how much less does the difference scatter?

Run: `python benchmarks/bench_swap.py [--sessions 40] [--turn 4] [--turns 8] [--first popularity] [--second random]
[--catalog DIR] [--json FILE]`.

Trunks are played with the first recommender; at the turn each is branched with the first again and with the second, so
that the two differ from there alone. Beside them whole conversations are played with each. Told, for the share of
tracks that move toward the goal from that turn on: the variance of the difference between the two, for one pair, when
pairs share a trunk; when they share a session alone; and when they share nothing (the sum of both variances). All come
from the same runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import segue
from segue.evaluation.bench.measures import BENCH_MEASURES
from segue.evaluation.measured_part import Since, measured_part
from segue.models.costs.prices import load_prices
from segue.state.values import Agent


def shares(store: segue.OpenStore, threads: list[Any], turn: int) -> dict[str, float]:
    """Session -> share of the tracks from that turn on that moved toward the goal."""
    found = {}
    for thread in threads:
        channels = store.reader.state(thread)
        part = measured_part(channels, [], load_prices(None), Since(turn, Agent.RECSYS))
        value = BENCH_MEASURES["progress"].read(part)
        if value is not None:
            found[thread.session_id] = value
    return found


def variance(one: dict[str, float], other: dict[str, float]) -> float:
    """Of the differences on the sessions that both have."""
    return statistics.variance(other[name] - one[name] for name in one.keys() & other.keys())


def measure(options: argparse.Namespace, address: str) -> dict[str, Any]:
    names = (options.first, options.second)
    settings = {
        "catalog": options.catalog,
        "sessions": options.sessions,
        "turns": options.turns,
        "modalities": "text",
        "answer_rules": "3",
    }
    whole = {}
    for name in names:
        whole[name] = [c.thread for c in segue.play(segue.RunConfig(recsys=name, **settings), store=address)]
    branched: dict[str, list[Any]] = {name: [] for name in names}
    for trunk in whole[options.first]:
        for name in names:
            # The branch that changes nothing has a draw of its own, too: else it would be the trunk itself.
            [branch] = segue.branch(
                trunk.thread_id, turn=options.turn, agent="recsys", recsys=name, seed=1, store=address
            )
            branched[name].append(branch.thread)
    with segue.open_store(address) as store:
        forks = {name: shares(store, threads, options.turn) for name, threads in branched.items()}
        runs = {name: shares(store, threads, options.turn) for name, threads in whole.items()}
    unpaired = sum(statistics.variance(runs[name].values()) for name in names)
    swapped, paired = variance(*forks.values()), variance(*runs.values())
    return {
        "sessions": len(forks[options.first]),
        "turn": options.turn,
        "recommenders": names,
        "variance_on_shared_trunks": swapped,
        "variance_on_shared_sessions": paired,
        "variance_unpaired": unpaired,
        "unpaired_over_shared_trunks": unpaired / swapped,
        "means_on_trunks": [statistics.fmean(found.values()) for found in forks.values()],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, usual in {"sessions": 40, "turn": 4, "turns": 8}.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--first", default="popularity")
    parser.add_argument("--second", default="random")
    parser.add_argument("--catalog")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options, f"sqlite:///{folder}/swap.db")
    for name, value in found.items():
        sys.stdout.write(f"{name:>28}: {value if not isinstance(value, float) else round(value, 4)}\n")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
