"""Chronological split into train and test, and which test users are cold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from ..catalog.session import ListeningSession
from ..core.errors import InputError

SPLIT_DATE = date(2019, 1, 1)
"""First day of the test part in the published data (TalkPlayData 2, section 3.1)."""

UserSplit = Literal["train_warm", "test_warm", "test_cold"]


class Dated(Protocol):
    """A listening session, or what was made from one: an id, a user and a day."""

    @property
    def session_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def session_date(self) -> date | None: ...


@dataclass(frozen=True)
class Split:
    """Session ids of both parts, and what each user is called in the published schema."""

    train: tuple[str, ...]
    test: tuple[str, ...]
    user_split: dict[str, dict[str, UserSplit]]

    def of(self, session: ListeningSession) -> UserSplit:
        """The published `user_split` of the session: `test_cold` when its user has no train session."""
        part = "train" if session.session_id in set(self.train) else "test"
        return self.user_split[part][session.user_id]


def split_sessions(sessions: Iterable[Dated], *, test_from: date = SPLIT_DATE) -> Split:
    """Sessions before `test_from` are for training, the others for testing.

    Raises:
        InputError: for a session without a date, which has no place in time.
    """
    train: list[Dated] = []
    test: list[Dated] = []
    for session in sessions:
        if session.session_date is None:
            raise InputError(f"session {session.session_id!r} has no date; it cannot be split by time")
        (train if session.session_date < test_from else test).append(session)
    known = {session.user_id for session in train}
    return Split(
        train=tuple(s.session_id for s in train),
        test=tuple(s.session_id for s in test),
        user_split={
            "train": dict.fromkeys(sorted(known), "train_warm"),
            "test": {s.user_id: "test_warm" if s.user_id in known else "test_cold" for s in test},
        },
    )
