"""What the paper reports of its own human study, to stand beside ours (TalkPlayData 2, table 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SOURCE: Final = (
    "TalkPlayData 2 (2025), table 6: 26 people, 10 conversations each, five points, four data sets; neither intervals "
    "nor agreement"
)

OPINIONS: Final[Mapping[str, Mapping[str, float]]] = {
    "TalkPlayData 2": {"relevance": 4.11, "naturalness": 4.15},
    "CPCD (people)": {"relevance": 4.08, "naturalness": 4.01},
    "LP-MusicDialog": {"relevance": 3.90, "naturalness": 3.95},
    "TalkPlayData 1": {"relevance": 4.04, "naturalness": 4.01},
}
"""Data set -> question -> mean opinion score."""

RATERS: Final = 26
CONVERSATIONS: Final = 10
GAPS: Final = (0.03, 0.14)
"""How far its own data set is ahead of the one that people made: relevance, naturalness."""
