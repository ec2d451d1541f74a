"""Files damaged at random: bytes changed, put in, taken out or doubled, and ends cut off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

ODD = (
    b"\0",
    b'"',
    b"\t",
    b"\n",
    b"\r",
    b",",
    b"\xff",
    b"\xe9",
    b"\xed\xa0\x80",
    b"{",
    b"]",
    b"999999999999",
    b"-",
)
"""What readers stumble over, oftener than bytes drawn at random are that."""

Damage = Callable[[bytes], bytes]


def _replaced(place: float, length: int, new: bytes) -> Damage:
    def damage(data: bytes) -> bytes:
        at = int(place * len(data))
        return data[:at] + new + data[at + length :]

    return damage


def _cut(place: float) -> Damage:
    return lambda data: data[: int(place * len(data))]


def _doubled(place: float, length: int) -> Damage:
    def damage(data: bytes) -> bytes:
        at = int(place * len(data))
        return data[: at + length] + data[at:]

    return damage


PLACES = st.floats(0, 1, exclude_max=True)
BYTES = st.one_of(st.sampled_from(ODD), st.binary(max_size=3))
DAMAGES = st.lists(
    st.one_of(
        st.builds(_replaced, PLACES, st.integers(0, 4), BYTES),
        st.builds(_cut, PLACES),
        st.builds(_doubled, PLACES, st.integers(1, 60)),
    ),
    min_size=1,
    max_size=3,
)


def damage(file: Path, damages: list[Damage]) -> None:
    """Put the damages upon a file, one after the other."""
    data = file.read_bytes()
    for one in damages:
        data = one(data)
    file.write_bytes(data)
