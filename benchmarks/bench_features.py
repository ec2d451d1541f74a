"""How right and how fast the features of the demo catalogue are heard, whose truth is known.

Run: `python benchmarks/bench_features.py [--tracks 267] [--workers 2] [--profiles] [--json FILE]`
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from segue.catalog.demo import open_demo
from segue.catalog.features.cache import FeatureCache
from segue.catalog.features.extraction import Extraction
from segue.catalog.features.keys import ALBRECHT, KRUMHANSL, KeyProfile, estimate_key
from segue.catalog.features.record import FeatureRecord
from segue.catalog.features.salience import BASS, find_notes
from segue.catalog.features.sound import Sound, read_sound
from support.catalog.feature_scoring import RecordingTruth, demo_truths, relate_key, relate_tempo, share_right

PROFILES: dict[str, KeyProfile] = {
    "krumhansl": KRUMHANSL,
    "albrecht": ALBRECHT,
    # Hand-set for classical themes: Temperley, Music Perception 17(1), 1999.
    "temperley": (
        (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
        (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
    ),
    # Krumhansl's, adjusted for popular recordings: Sha'ath, MSc thesis, Birkbeck, 2011.
    "shaath": (
        (6.6, 2.0, 3.5, 2.3, 4.6, 4.0, 2.5, 5.2, 2.4, 3.7, 2.3, 3.4),
        (6.5, 2.7, 3.5, 5.4, 2.6, 3.5, 2.5, 5.2, 4.0, 2.7, 4.3, 3.2),
    ),
    # Learned from electronic dance music: Faraldo et al., ECIR 2016.
    "edma": (
        (0.1652, 0.0475, 0.0829, 0.0669, 0.0999, 0.0927, 0.0529, 0.1316, 0.0522, 0.0744, 0.0694, 0.0643),
        (0.1724, 0.0534, 0.0761, 0.1004, 0.0562, 0.0853, 0.0498, 0.1345, 0.0746, 0.0500, 0.0919, 0.0555),
    ),
}
"""Name -> (major, minor), each from the tonic up."""
TARGETS = {"tempo": 0.90, "key_exact": 0.80, "key_near": 0.95, "chords": 0.70}


def extract(tracks: list[str], workers: int) -> tuple[dict[str, FeatureRecord], dict[str, float]]:
    """Records by track, and wall seconds and CPU seconds per track; recordings rendered beforehand."""
    catalog = open_demo()
    for track_id in tracks:
        catalog.media_path(catalog.track(track_id), "audio")
    with tempfile.TemporaryDirectory() as folder:
        extraction = Extraction(FeatureCache(Path(folder)), workers=workers)
        begin, used = time.perf_counter(), _cpu()
        found = {o.track_id: o.record for o in extraction.run(catalog, tracks) if o.record}
        wall, cpu = time.perf_counter() - begin, _cpu() - used
        again = time.perf_counter()
        known = sum(o.known for o in Extraction(extraction.cache).run(catalog, tracks))
        cached = time.perf_counter() - again
    assert known == len(found)
    return found, {
        "tracks_a_second": len(found) / wall,
        "cpu_s_a_track": cpu / len(found),
        "cached_ms_a_track": 1000 * cached / known,
    }


def judge(truths: Iterable[RecordingTruth], found: dict[str, FeatureRecord]) -> dict[str, Any]:
    """Shares of tracks whose tempo and key are right, mean share of time with the right chord."""
    tempo, key, chords = Counter[str](), Counter[str](), []
    for truth in truths:
        values = found[truth.track_id].values
        tempo[relate_tempo(truth.tempo, values.tempo)] += 1
        key[relate_key(truth.key, values.key)] += 1
        chords.append(share_right(truth.spans, values.chord_spans))
    count = len(chords)
    return {
        "tracks": count,
        "tempo": tempo["right"] / count,
        "tempo_octave": tempo["octave"] / count,
        "key_exact": key["exact"] / count,
        "key_near": (key["exact"] + key["fifth"] + key["relative"]) / count,
        "chords": float(np.mean(chords)),
    }


def compare_profiles(truths: list[RecordingTruth]) -> dict[str, dict[str, float]]:
    """Key profile -> shares of tracks with the exact key and with a near one."""
    catalog = open_demo()
    related: dict[str, Counter[str]] = {name: Counter() for name in PROFILES}
    for truth in truths:
        sound = read_sound(catalog.media_path(catalog.track(truth.track_id), "audio") or Path())
        assert isinstance(sound, Sound)
        notes = find_notes(sound.mono)
        treble, bass = notes.chroma((52, 88)), notes.chroma(BASS)
        for name, counts in related.items():
            heard = estimate_key(treble, bass, profile=PROFILES[name])
            counts[relate_key(truth.key, heard.key.name if heard else None)] += 1
    return {
        name: {
            "exact": counts["exact"] / len(truths),
            "near": (counts["exact"] + counts["fifth"] + counts["relative"]) / len(truths),
        }
        for name, counts in related.items()
    }


def _cpu() -> float:
    """CPU seconds of this process and of those that it has seen end."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _print(name: str, row: dict[str, Any]) -> None:
    print(
        f"{name:24} {row['tracks']:>6} {row['tempo']:>8.1%} {row['tempo_octave']:>8.1%} "
        f"{row['key_exact']:>9.1%} {row['key_near']:>8.1%} {row['chords']:>8.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=267)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--profiles", action="store_true", help="compare key profiles too")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    every = demo_truths()
    truths = [every[i * len(every) // options.tracks] for i in range(options.tracks)]
    found, speed = extract([t.track_id for t in truths], options.workers)
    genres = defaultdict(list)
    for truth in truths:
        genres[truth.genre].append(truth)
    figures: dict[str, Any] = {"all": judge(truths, found), "speed": speed}
    figures["genres"] = {name: judge(genres[name], found) for name in sorted(genres)}
    print(f"{'':24} {'tracks':>6} {'tempo':>8} {'octave':>8} {'key':>9} {'near':>8} {'chords':>8}")
    for name, row in figures["genres"].items():
        _print(name, row)
    _print("all", figures["all"])
    print("targets:", ", ".join(f"{name} {target:.0%}" for name, target in TARGETS.items()))
    print(", ".join(f"{name} {value:.3f}" for name, value in speed.items()), f"({options.workers} processes)")
    if options.profiles:
        figures["profiles"] = compare_profiles(truths)
        for name, row in figures["profiles"].items():
            print(f"key profile {name:12} exact {row['exact']:.1%}, near {row['near']:.1%}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
