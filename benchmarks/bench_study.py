"""The human study: what its pages keep while the server is killed, and whether its intervals hold what they promise.

`bench_study.py pages` has 50 raters at once on SQLite answer everything, by HTTP, clicking twice now and then, while the
server is ended by SIGKILL five times. `bench_study.py statistics [STUDIES]` makes studies with the numbers that
`segue study power` names, whose true difference is known. Without an argument both are done.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from segue import open_store
from segue.checkpoints.store.studies import Studies
from segue.evaluation.study.answers import StudyData, read_data
from segue.evaluation.study.crossed import CrossedModel
from segue.evaluation.study.likelihood import Rated
from segue.evaluation.study.power import ASSUMED, StudySize, smallest
from segue.evaluation.study.quality import clones, straight_liners
from support.evaluation.studying import answer_all, honest, keep, plan_of

RATERS, KILLS, PORT = 50, 5, 8399
QUESTIONS = ("relevance", "naturalness")
RESIDUAL = ASSUMED.residual - 1 / 12
"""Rounding to whole points adds a twelfth: with it the ratings are spread as the power assumes."""


def started(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "segue", "study", "serve", "pilot", "--port", str(PORT)]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/r/nobody")
            connection.getresponse().read()
            return server
        except OSError:
            time.sleep(0.1)


def post(path: str, answer: dict[str, object]) -> bool:
    """Whether the server said that it is kept."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "origin": f"http://127.0.0.1:{PORT}",
        "hx-request": "true",
    }
    try:
        connection = HTTPConnection("127.0.0.1", PORT, timeout=30)
        connection.request("POST", path, urlencode(answer), headers)
        reply = connection.getresponse()
        reply.read()
        return reply.status == 200
    except (OSError, HTTPException):
        return False


def rate_all(rater: str, meant: dict[tuple[str, int, str], int], sent: Counter[str]) -> None:
    """One rater: thinks again now and then, clicks twice now and then, and goes on until all is kept."""
    chance = random.Random(rater)
    for position, question in product(range(1, 11), QUESTIONS):
        for _ in range(1 + (chance.random() < 0.2)):
            value = chance.randint(1, 5)
            meant[rater, position, question] = value
            for _ in range(1 + (chance.random() < 0.2)):
                send(f"/r/{rater}-secret/{position}", {"turn": 0, "question": question, "value": value}, sent)


def send(path: str, answer: dict[str, object], sent: Counter[str]) -> None:
    while not post(path, answer):
        sent["again"] += 1
        time.sleep(0.05)
    sent["kept"] += 1


def pages() -> None:
    plan = plan_of(raters=RATERS, conversations=10, ratings=5)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/segue.db"
        with open_store(url, create=True) as store:
            keep(store.store, plan)
        meant: dict[tuple[str, int, str], int] = {}
        sent: Counter[str] = Counter()
        server = started(Path(folder))
        begun = time.perf_counter()
        raters = [
            threading.Thread(target=rate_all, args=(f"r{n:02d}", meant, sent)) for n in range(1, RATERS + 1)
        ]
        for each in raters:
            each.start()
        whole = RATERS * 10 * len(QUESTIONS)
        for kill in range(1, KILLS + 1):
            while len(meant) < whole * kill / (KILLS + 1):
                time.sleep(0.02)
            server.kill()
            server.wait()
            server = started(Path(folder))
        for each in raters:
            each.join()
        seconds = time.perf_counter() - begun
        server.kill()
        with open_store(url, read_only=True) as store:
            told(read_data(Studies(store.store), "pilot"), meant, sent, seconds)


def told(data: StudyData, meant: dict[tuple[str, int, str], int], sent: Counter[str], seconds: float) -> None:
    kept = Counter((a.rater, a.position, a.question) for a in data.answers)
    right = sum(meant.get((a.rater, a.position, a.question)) == a.given for a in data.answers)
    per_thing = Counter(a.thing for a in data.answers if a.question == QUESTIONS[0])
    per_rater = Counter((a.rater, a.group) for a in data.answers if a.question == QUESTIONS[0])
    print(
        f"{RATERS} raters at once, server killed {KILLS} times, {seconds:.0f} s, {sent['kept'] / seconds:.0f} answers/s"
    )
    print(
        f"sent {sent['kept']} and kept, {sent['again']} sent again; {len(meant)} meant, {len(data.answers)} in the store"
    )
    print(
        f"lost {len(meant.keys() - kept.keys())}, doubled {sum(n - 1 for n in kept.values())}, other than meant {len(meant) - right}"
    )
    print(
        f"ratings of a conversation {sorted(set(per_thing.values()))}, of a rater and source {sorted(set(per_rater.values()))}"
    )


def made(rng: np.random.Generator, size: StudySize, difference: float) -> list[Rated]:
    """A study as it would be drawn, answered on five points."""
    per, drawn = size.conversations // size.sources, int(size.drawn)
    mild = rng.normal(0, ASSUMED.rater**0.5, size.raters)
    ratings = []
    for source in range(size.sources):
        liked = rng.normal(0, ASSUMED.rater_source**0.5, size.raters)
        good = rng.normal(0, ASSUMED.conversation**0.5, drawn)
        left = np.full(drawn, size.ratings)
        for rater in rng.permutation(size.raters):
            for thing in np.lexsort((rng.random(drawn), -left))[:per]:
                left[thing] -= 1
                value = 3.5 + difference * (source == 0) + mild[rater] + liked[rater] + good[thing]
                value = round(value + rng.normal(0, RESIDUAL**0.5))
                ratings.append(Rated(int(rater), int(thing), str(source), float(np.clip(value, 1, 5))))
    return ratings


def statistics(studies: int) -> None:
    for ratings in (1, 3, 5):
        found = smallest(0.5, conversations=10, ratings=ratings, sources=2)
        assert found is not None
        size = found.size
        for difference in (0.0, 0.5):
            rng = np.random.default_rng(ratings)
            # Rounding to five points moves a difference by next to nothing in the middle of the scale.
            results = [
                CrossedModel(made(rng, size, difference), ["0", "1"]).difference("0", "1")
                for _ in range(studies)
            ]
            held = sum(each.low <= difference <= each.high for each in results) / studies
            seen = sum(each.p < 0.05 for each in results) / studies
            width = np.mean([each.high - each.low for each in results]) / 2
            print(
                f"{size.raters} raters x {size.conversations}, {size.ratings} ratings of each, difference {difference}: "
                f"interval ±{width:.2f} holds it in {held:.1%}, found in {seen:.1%} "
                f"(power names {found.power if difference else 0.05:.0%}), {studies} studies",
                flush=True,
            )


def quality(studies: int) -> None:
    """Two raters of each study are spoilt: one answers all alike, one repeats another's answers."""
    named: Counter[str] = Counter()
    for seed in range(studies):
        with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/s.db", create=True) as store:
            plan = plan_of(raters=20, conversations=10, ratings=4, seed=seed)
            kept = keep(store.store, plan)
            usual = honest(kept, seed=seed)
            written: dict[tuple[str, int, str], int] = {}

            def answering(rater: str, position: int, item: str, question: str) -> int:
                if rater == "r02":
                    return 4
                value = usual(rater, position, item, question)
                value = written.get(("r03", position, question), value) if rater == "r04" else value
                written[rater, position, question] = value
                return value

            answer_all(kept, answering)
            data = read_data(kept, "pilot")
            straight = {each.rater for each in straight_liners(data)}
            alike = {frozenset((each.one, each.other)) for each in clones(data)}
        named["straight"] += "r02" in straight
        named["clones"] += frozenset(("r03", "r04")) in alike
        named["wrongly"] += bool(straight - {"r02"} or alike - {frozenset(("r03", "r04"))})
    print(
        f"{studies} studies of 20 raters x 10: the straight-liner named in {named['straight']}, "
        f"the clone in {named['clones']}, somebody wrongly in {named['wrongly']}"
    )


if __name__ == "__main__":
    what, *count = sys.argv[1:] or ["all"]
    if what in ("all", "pages"):
        pages()
    if what in ("all", "statistics"):
        statistics(int(count[0]) if count else 1000)
    if what in ("all", "quality"):
        quality(int(count[0]) if count else 100)
