"""What the paper reports of its own test set, to stand beside ours (TalkPlayData 2, table 5 and its text)."""

from __future__ import annotations

SOURCE = "TalkPlayData 2 (2025), table 5: Gemini 2.5 Pro, one score a conversation, no intervals"

TOPICS = {
    "A": "sound",
    "B": "lyrics",
    "C": "cover",
    "D": "occasion",
    "E": "refinement",
    "F": "metadata",
    "G": "mood",
    "H": "artist",
    "I": "culture",
    "J": "social",
    "K": "era",
}
"""Short names of the topics of goals."""

SPECIFICITIES = ("LL", "HL", "LH", "HH")
