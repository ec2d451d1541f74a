"""The authors' own scores on CPCD (macro; google-research-datasets/cpcd, CC BY 4.0), over 106,736 tracks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PUBLISHED: Final[Mapping[str, Mapping[str, Mapping[str, float]]]] = {
    "dev": {
        "bm25": {"hit@1": 0.0467, "hit@10": 0.2189, "hit@100": 0.4664},
        "de-expert-playlists": {"hit@1": 0.0310, "hit@10": 0.1504, "hit@100": 0.4415},
        "de-ttw": {"hit@1": 0.0417, "hit@10": 0.2499, "hit@100": 0.5855},
        "hybrid": {"hit@1": 0.0413, "hit@10": 0.2590, "hit@100": 0.5887},
    },
    "test": {
        "bm25": {"hit@1": 0.0406, "hit@10": 0.1965, "hit@100": 0.4560},
        "de-cpcd": {"hit@1": 0.0209, "hit@10": 0.1075, "hit@100": 0.3006},
        "de-ttw": {"hit@1": 0.0384, "hit@10": 0.2256, "hit@100": 0.5588},
        "hybrid": {"hit@1": 0.0385, "hit@10": 0.2305, "hit@100": 0.5708},
        "contriever-cpcd": {"hit@1": 0.0662, "hit@10": 0.2749, "hit@100": 0.4966},
    },
}
"""Split -> system -> score."""

PUBLISHED_TRACKS: Final = 106_736
