"""`FeatureRecord`: what was heard in one recording, and by which method and version each feature was made."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field

Feature = Literal[
    "tempo", "key", "chords", "loudness", "brightness", "onset_rate", "dynamic_range", "energy", "lyrics"
]
FEATURES: Final[tuple[Feature, ...]] = get_args(Feature)
FROM_SIGNAL: Final[tuple[Feature, ...]] = FEATURES[:-1]
"""What is computed from every recording; lyrics are transcribed only where that is asked for."""

METHODS: Final[Mapping[Feature, str]] = MappingProxyType(
    {
        "tempo": "segue-tempo/1: autocorrelation of onsets in five bands, preference for 120 BPM",
        "key": "segue-key/1: note salience from a constant-Q spectrum, Krumhansl-Kessler profiles",
        "chords": "segue-chords/1: triad templates on note salience, leaning of the key, Viterbi",
        "loudness": "segue-loudness/1: integrated loudness, ITU-R BS.1770-4",
        "brightness": "segue-brightness/1: spectral centroid, weighted by energy",
        "onset_rate": "segue-onsets/1: peaks of the spectral flux a second",
        "dynamic_range": "segue-dynamics/1: loudness range, EBU Tech 3342",
        "energy": "segue-energy/1: root mean square against full scale",
    }
)
"""How each feature is made. The number is raised whenever the same recording would give another value."""


class Values(BaseModel):
    """Features of a recording. None where it was not looked for, or looked for and not there.

    Attributes:
        tempo: beats a minute. tempo_clarity: how regular the beat is, at most 1.
        key: such as `A minor`. key_clarity: correlation with the key's profile, at most 1.
        chords: the loop of chords that repeats, or the first eight; `chord_spans`: all of them, each with
            the second at which it begins; `N` where no chord sounds.
        loudness: LUFS. brightness: Hz. onset_rate: a second. dynamic_range: LU. energy: dB of full scale.
        lyrics: as transcribed. language: ISO 639-1 code of the lyrics.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tempo: Annotated[float, Field(gt=0, le=500)] | None = None
    tempo_clarity: float | None = None
    key: str | None = None
    key_clarity: float | None = None
    chords: tuple[str, ...] = ()
    chord_spans: tuple[tuple[float, str], ...] = ()
    loudness: float | None = None
    brightness: float | None = None
    onset_rate: float | None = None
    dynamic_range: float | None = None
    energy: float | None = None
    lyrics: str | None = None
    language: str | None = None


BELONGING: Final[Mapping[Feature, tuple[str, ...]]] = MappingProxyType(
    {
        "tempo": ("tempo", "tempo_clarity"),
        "key": ("key", "key_clarity"),
        "chords": ("chords", "chord_spans"),
        "lyrics": ("lyrics", "language"),
    }
)
"""Fields of `Values` that a feature fills, where they are not the one of its own name."""


class FeatureRecord(BaseModel):
    """The features of one recording.

    Attributes:
        audio: BLAKE2b-128 of the recording's bytes.
        seconds: how much of it was listened to.
        values: what was heard; absent where nothing could be.
        made: feature -> method and version, for each one that was looked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    audio: str
    seconds: float
    values: Values
    made: dict[Feature, str]

    def lacks(self, wanted: Mapping[Feature, str]) -> tuple[Feature, ...]:
        """Those of `wanted` (feature -> method) that were not made, or in another way."""
        return tuple(feature for feature, method in wanted.items() if self.made.get(feature) != method)

    def joined(self, other: FeatureRecord) -> Self:
        """This record with the features of `other`, of the same recording, in place of its own."""
        fields = {name for feature in other.made for name in BELONGING.get(feature, (feature,))}
        values = self.values.model_copy(update={name: getattr(other.values, name) for name in fields})
        return self.model_copy(update={"values": values, "made": {**self.made, **other.made}})

    def to_row(self) -> dict[str, Any]:
        """Plain JSON, absent values left out."""
        row = self.model_dump(mode="json")
        row["values"] = self.values.model_dump(mode="json", exclude_defaults=True)
        return row
