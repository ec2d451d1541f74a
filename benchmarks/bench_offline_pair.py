"""The offline pair under the third rules: whether goals, labels, words and picks of its conversations hold together.

    python benchmarks/bench_offline_pair.py [--catalog FOLDER] [--conversations 300] [--seed 1] [--language es]

Conversations are played on as many sessions as there are, then on the same ones again with other draws. What is measured:
labels against the verifier's verdicts (a label says MOVES just where `TrackVerdict.moves`, on tracks whose goal has
criteria and whose data tell); the turn at which the verifier found the goal met; requests after that turn; picks
against what the message asked for, in the offline model's own reading of it; distinct-2 (different pairs of
neighbouring words / all pairs, lower case, split at white space) over all messages of a side and, as a mean, within
blocks of 1,000 messages as `segue audit` has it; the share of a side's messages with its commonest phrase of five
words (names and quotations left out); pivots honoured as `segue audit` reads them; tracks that meet a goal against what its specificity promises.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

import segue
from pair_measures import (
    BLOCK,
    Talk,
    broken_promises,
    delighted,
    distinct2,
    missed_better,
    phrases,
    read_talk,
)

BANDS = {"LL": (3, 7), "HL": (3, 4), "LH": (6, 8), "HH": (1, 2)}
"""Turns after which goals of a specificity should be met."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalog", type=Path, help="the demo catalogue when left out")
    parser.add_argument("--conversations", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--language", default="en", help="in which the listener speaks, such as es")
    parser.add_argument("--keep", type=Path, help="file to keep the store in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{options.keep or Path(folder) / 'segue.db'}"
        talks = list(played(store, options.catalog, options.conversations, options.seed, options.language))
        print(
            f"{len(talks)} conversations, seed {options.seed}, {options.catalog or 'demo'}, {options.language}"
        )
        report(talks)
        report_audits(store)


def played(store: str, catalog: Path | None, count: int, seed: int, language: str) -> Iterator[Talk]:
    """Conversations of the offline pair, read."""
    common = {
        "answer_rules": "3",
        "seed": seed,
        "modalities": "text",
        "sessions": count,
        "language": language,
    }
    if catalog is not None:
        common["catalog"] = str(catalog)
    with segue.open_store(store, create=True) as opened:
        first = segue.play(segue.RunConfig(**common), store=opened)
        found = list(first.conversations)
        if len(found) < count:
            again = {**common, "sessions": len(found), "repeats": -(-count // len(found))}
            found = list(segue.play(segue.RunConfig(**again), store=opened).conversations)
        for conversation in found[:count]:
            yield read_talk(conversation.document, conversation.channels)


def report(talks: Sequence[Talk]) -> None:
    failed = sum(talk.failed for talk in talks)
    line("conversations that failed", f"{failed}", "0")
    told = [pair for talk in talks for pair in talk.labelled if pair[1] is not None]
    line("verifier and listener agree", percent([a == b for a, b in told]), ">= 97 %")
    glad = [
        m
        for talk in talks
        for m in talk.said
        if delighted(m.text, talk.artists, talk.language) and m.label == "DOES_NOT_MOVE_TOWARD_GOAL"
    ]
    line("delighted messages with DOES_NOT", str(len(glad)), "0")
    for message in glad[:3]:
        print(f"      {message.text}")
    report_turns(talks)
    after = [m.belongs for talk in talks for m in talk.said if talk.met_at and m.turn > talk.met_at]
    line("requests after it is met that belong", percent(after), ">= 90 %")
    better = [one for talk in talks for one in missed_better(talk)]
    line("turns with a better track open", percent(better), "<= 5 %")
    for side in ("listener", "recsys"):
        report_words(
            side,
            [(m.text if side == "listener" else m.reply, talk.artists) for talk in talks for m in talk.said],
        )
    broken = [reason for talk in talks if (reason := broken_promises(talk)) is not None]
    line(
        "goals that keep their promise",
        percent([True] * (len(talks) - len(broken)) + [False] * len(broken)),
        "100 %",
    )
    for reason in broken[:3]:
        print(f"      {reason}")


def report_turns(talks: Sequence[Talk]) -> None:
    for specificity, (low, high) in BANDS.items():
        own = [talk for talk in talks if talk.specificity == specificity]
        turns = [talk.met_at for talk in own if talk.met_at]
        if not own:
            continue
        at = f"{mean(turns):.2f}" if turns else "never"
        line(
            f"{specificity} met at turn, on average",
            f"{at} (met in {len(turns)} of {len(own)}; at turn 1 in {percent([t.met_at == 1 for t in own])})",
            f"{low} to {high}" + ("; <= 10 % at turn 1" if specificity == "LH" else ""),
        )
        print("      by turn:", dict(sorted(Counter(talk.met_at or 0 for talk in own).items())))


def report_words(side: str, said: Sequence[tuple[str, set[str]]]) -> None:
    texts = [text for text, _ in said]
    blocks = [texts[i : i + BLOCK] for i in range(0, len(texts) - BLOCK + 1, BLOCK)] or [texts]
    words = mean(len(text.split()) for text in texts)
    line(
        f"{side} distinct-2",
        f"{distinct2(texts):.3f} over {len(texts):,} messages of {words:.1f} words; in blocks of 1,000 "
        f"{mean(map(distinct2, blocks)):.3f}",
        ">= .45",
    )
    counts: dict[str, int] = defaultdict(int)
    for text, names in said:
        for phrase in phrases(text, names):
            counts[phrase] += 1
    common = sorted(counts.items(), key=lambda item: -item[1])[:3]
    line(
        f"{side} commonest five words",
        percent([True] * common[0][1] + [False] * (len(texts) - common[0][1])),
        "<= 2 %",
    )
    print("      " + "; ".join(f"{phrase!r} {count}" for phrase, count in common))


def report_audits(store: str) -> None:
    """Pivots as `segue audit` reads them."""
    for result in segue.audit_data(only=["pivots", "wishes"], store=store).audited[0].results:
        for name, asked in (
            ("honoured", ">= 95 %"),
            ("artist-honoured", ""),
            ("rejected-again", ""),
            ("genre-honoured", ""),
            ("mood-honoured", ""),
            ("refusals-kept", ""),
        ):
            metric = result.metric(name)
            if metric is not None and metric.value is not None:
                line(f"{result.name} {name}", f"{100 * metric.value:.1f} %", asked)


def percent(found: Sequence[bool]) -> str:
    return f"{100 * sum(found) / len(found):.1f} % of {len(found):,}" if found else "none"


def line(what: str, value: str, bound: str) -> None:
    print(f"  {what:38} {value}  [{bound}]")


if __name__ == "__main__":
    main()
