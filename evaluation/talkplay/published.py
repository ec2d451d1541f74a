"""The authors' own figures (arXiv 2502.13713, table 2 and section 5.2): 1,000 conversations on
playlists, 39,471 tracks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PUBLISHED: Final[Mapping[str, Mapping[str, float]]] = {
    "BM25": {"mrr": 0.005, "hit@1": 0.001, "hit@10": 0.009, "hit@100": 0.037},
    "CLAP": {"mrr": 0.000, "hit@1": 0.000, "hit@10": 0.000, "hit@100": 0.003},
    "NV-Embed-v2": {"mrr": 0.020, "hit@1": 0.007, "hit@10": 0.042, "hit@100": 0.133},
    "TalkPlay": {"mrr": 0.023, "hit@1": 0.014, "hit@10": 0.036, "hit@100": 0.142},
}
"""System -> score."""

PUBLISHED_TRACKS: Final = 39_471

PUBLISHED_MATCHES: Final[Mapping[str, float]] = {
    "exact": 0.497,
    "warm_of_exact": 0.936,
    "warm_matched": 0.165,
    "cold_matched": 0.145,
}
"""Share of 13,012 sequences that are the codes of some track, of these of a warm one, and of warm and of cold tracks
that were ever matched."""
