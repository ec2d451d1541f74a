"""The report of a reading and the health of a catalogue as tables to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ...core.tables import Table
from .health import Health
from .report import ReadingReport

SHOWN: Final = 20
"""Problems of single files that are told; the report has all."""


def report_tables(report: ReadingReport) -> Iterator[Table]:
    """What was read, joined and left out."""
    yield Table(["read", "count"], list(_report_rows(report)), right=["count"])
    for joined in report.joins:
        title = f"joined with {joined['name']}, {joined['offered']} entries"
        yield Table(["", "tracks", "plays"], list(_join_rows(joined)), ["tracks", "plays"], title)
    merged = list(_merge_rows(report.merges))
    if merged:
        yield Table(["cleaned", "count", "examples"], merged, right=["count"])
    if report.problems:
        shown = [(p.file, p.reason, "left out" if p.left_out else "kept") for p in report.problems[:SHOWN]]
        yield Table(["file", "problem", ""], shown, more=max(len(report.problems) - SHOWN, 0))


def health_tables(health: Health) -> Iterator[Table]:
    """What a catalogue is good for, and what is wrong with it."""
    coverage = [(name, n, f"{n / max(health.tracks, 1):.0%}") for name, n in health.coverage.items()]
    yield Table(["field", "tracks", "share"], coverage, right=["tracks", "share"])
    yield Table(["found", "count", "examples"], list(_health_rows(health)), right=["count"])
    if health.pools.distribution:
        shares = [(share, count) for share, count in health.pools.distribution.items() if count]
        yield Table(["biggest artist's share of the pool", "sessions"], shares, right=["sessions"])


def _report_rows(report: ReadingReport) -> Iterable[tuple[str, object]]:
    files = f" in {len(report.files)} files" if report.files else ""
    yield f"rows of {report.format}{files}", report.rows
    yield from ((f"left out: {reason}", count) for reason, count in report.dropped.items())
    yield from ((f"noticed: {what}", count) for what, count in report.noticed.items())
    yield from (("tracks", report.tracks), ("users", report.users), ("sessions", report.sessions))
    yield "sessions with at least 21 distinct tracks", report.qualifying
    yield "modalities", ", ".join(report.modalities)


def _join_rows(joined: Mapping[str, Any]) -> Iterable[tuple[str, object, object]]:
    yield from ((f"by {found['by']}", found["tracks"], found["plays"]) for found in joined["joined"])
    yield (
        "joined in all",
        sum(found["tracks"] for found in joined["joined"]),
        sum(found["plays"] for found in joined["joined"]),
    )
    yield from ((f"not joined: {why['reason']}", why["tracks"], why["plays"]) for why in joined["unjoined"])
    yield from ((f"filled: {field}", count, "") for field, count in joined["filled"].items())


def _merge_rows(merges: Mapping[str, Any]) -> Iterable[tuple[str, object, str]]:
    junk, duplicates = merges.get("junk_tags"), merges.get("duplicates")
    if junk and junk["left_out"]:
        commonest = ", ".join(found["tag"] for found in junk["examples"][:5])
        yield f"junk tags left out, {junk['different']} different", junk["left_out"], commonest
    for name, words in (("isrc", "ISRC"), ("name", "artist and title")):
        if duplicates and duplicates[name]["tracks"]:
            examples = "; ".join(" ".join(ids[:3]) for ids in duplicates[name]["examples"][:2])
            yield f"tracks that share their {words} with others", duplicates[name]["tracks"], examples
    if duplicates and duplicates.get("merged_away"):
        yield "tracks merged into others", duplicates["merged_away"], ""


def _health_rows(health: Health) -> Iterable[tuple[str, object, str]]:
    yield "sessions that qualify", health.qualifying, ""
    yield "  of these with age, gender and country", health.with_demographics, ""
    yield from (
        (f"  of these with {modality} for every track", n, "")
        for modality, n in health.with_all_media.items()
    )
    yield from ((f"sessions with {_words(reason)}", n, "") for reason, n in health.unqualified.items())
    for what, found in (
        ("id, but for case,", health.duplicates_by_id),
        ("ISRC", health.duplicates_by_isrc),
        ("artist and title", health.duplicates_by_name),
    ):
        yield f"tracks that share their {what} with others", found.tracks, _listed(found.examples)
    yield "artists that go by several ids", health.artist_ids.count, _listed(health.artist_ids.examples)
    pools = health.pools
    if pools.median is not None and pools.highest is not None:
        yield "biggest artist's share of a pool, median", f"{pools.median:.0%}", ""
        yield "biggest artist's share of a pool, highest", f"{pools.highest:.0%}", ""
    yield "sessions of which one artist has over half", pools.crowded, _listed(pools.examples)
    yield from (
        (f"texts with {_words(what)}", p.count, _listed(p.examples)) for what, p in health.encoding.items()
    )
    if health.missing_media is not None:
        yield "missing media files", health.missing_media.count, _listed(health.missing_media.examples)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _listed(examples: Iterable[Iterable[object]]) -> str:
    return "; ".join(" ".join(map(str, example)) for example in list(examples)[:2])
