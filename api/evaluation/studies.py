"""The human study: conversations drawn and shared out among raters, links, ratings, what they say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ...checkpoints.store.studies import StoredStudy, Studies
from ...core.errors import ConfigError, NotFoundError
from ...core.hashing import digest
from ...core.settings import items
from ...core.suggestions import choices
from ...core.time_limits import LOCK_SECONDS
from ...evaluation.study.answers import asked_of
from ...evaluation.study.draw import draw, units_needed
from ...evaluation.study.plan import StudyPlan, read_study, study_plan
from ...evaluation.study.plan import example as example_study
from ...evaluation.study.sources import conversations_of
from ..store import DEFAULT_STORE, Address, OpenStore, reading, using

__all__ = [
    "RaterProgress",
    "Study",
    "StudyPlan",
    "delete_study",
    "example_study",
    "new_study",
    "open_study",
    "studies",
    "study_links",
    "study_progress",
]

TOKEN_BYTES: Final = 24
"""Of randomness in a rater's link."""


@dataclass(frozen=True)
class Study:
    """A study as it stands.

    Attributes:
        drawn: conversations, or pairs, of each source.
        linked: raters who have a link.
        given, asked: answers so far, and when all are through; those to checks included.
    """

    name: str
    plan: StudyPlan
    created: str
    drawn: int
    raters: int
    linked: int
    given: int
    asked: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        told = {**asdict(self), "plan": self.plan.to_json()}
        return {"study": told.pop("name"), **told}


@dataclass(frozen=True)
class RaterProgress:
    """How far a rater is: tasks that are through, answers, when the last one came."""

    rater: str
    linked: bool
    done: int
    tasks: int
    answers: int
    last: str | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def new_study(
    name: str,
    plan: str | Path | StudyPlan | None = None,
    *,
    store: OpenStore | Address = DEFAULT_STORE,
    lock_seconds: float = LOCK_SECONDS,
    **changes: Any,
) -> Study:
    """Draw a study: which conversations are rated, by whom, in which order. Nobody has a link yet.

    Args:
        plan: YAML file, `example_study()` is one with a comment on every field.
        changes: fields of `StudyPlan`, in place of what the file says.
        store: made where it is not there.

    Raises:
        ConfigError: the plan is wrong, or its numbers do not go into each other; names what would.
        InputError: there is a study of that name.
        CatalogError: a source cannot be read.
        NotFoundError: a source is no run of the store and no file.
    """
    if not name.strip() or len(name) > 80:
        raise ConfigError("a study's name has from 1 to 80 characters")
    changed = {key: value for key, value in changes.items() if value is not None}
    if isinstance(plan, StudyPlan):
        read = study_plan({**plan.to_json(), **changed})
    else:
        read = read_study(None if plan is None else Path(plan), changed)
    units_needed(read)
    with using(store, create=True, lock_seconds=lock_seconds) as opened:
        found = {source: conversations_of(opened.reader, source, at) for source, at in read.sources.items()}
        drawn = draw(name, read, found)
        kept = Studies(opened.store)
        kept.add(StoredStudy(name, read.to_json()), drawn.items, drawn.raters, drawn.tasks)
        return _study(kept, kept.get(name))


def studies(*, store: OpenStore | Address = DEFAULT_STORE) -> list[Study]:
    """All studies, in order of creation."""
    with reading(store) as opened:
        kept = Studies(opened.store)
        return [_study(kept, each) for each in kept.all()]


def open_study(name: str, *, store: OpenStore | Address = DEFAULT_STORE) -> Study:
    """The study of that name. Raises `NotFoundError`."""
    with reading(store) as opened:
        kept = Studies(opened.store)
        return _study(kept, kept.get(name))


def _study(kept: Studies, stored: StoredStudy) -> Study:
    plan = study_plan(stored.plan)
    shown, tasks, raters = kept.items(stored.name), kept.tasks(stored.name), kept.raters(stored.name)
    return Study(
        name=stored.name,
        plan=plan,
        created=stored.created,
        drawn=units_needed(plan),
        raters=len(raters),
        linked=sum(rater.token is not None for rater in raters),
        given=len(kept.ratings(stored.name)),
        asked=sum(len(asked_of(plan, shown[task.items[0]])) for task in tasks),
    )


def study_links(
    name: str,
    *,
    raters: Sequence[str] = (),
    store: OpenStore | Address = DEFAULT_STORE,
    lock_seconds: float = LOCK_SECONDS,
) -> dict[str, str]:
    """Make links: rater -> the secret that its link ends in. It is told this once; the store has a digest of it.

    Args:
        raters: who gets a new link, the old one leading nowhere; those who have none yet by default.

    Raises:
        NotFoundError: there is no such study or rater.
    """
    with using(store, lock_seconds=lock_seconds) as opened:
        kept = Studies(opened.store)
        kept.get(name)
        require_raters(kept, name, items(raters))
        known = kept.raters(name)
        wanted = items(raters) or [rater.rater for rater in known if rater.token is None]
        made = {rater: secrets.token_urlsafe(TOKEN_BYTES) for rater in wanted}
        kept.set_tokens(name, {rater: digest(token) for rater, token in made.items()})
        return made


def require_raters(kept: Studies, name: str, raters: Sequence[str]) -> None:
    """Raises `NotFoundError` for a rater that the study does not have."""
    known = [rater.rater for rater in kept.raters(name)]
    for rater in raters:
        if rater not in known:
            hint = choices(rater, known, what="the raters are")
            raise NotFoundError(f"study {name!r} has no rater {rater!r}", hint=hint)


def study_progress(name: str, *, store: OpenStore | Address = DEFAULT_STORE) -> list[RaterProgress]:
    """How far each rater is. Raises `NotFoundError`."""
    with reading(store) as opened:
        return progress_of(Studies(opened.store), name)


def progress_of(kept: Studies, name: str) -> list[RaterProgress]:
    """See `study_progress`."""
    plan = study_plan(kept.get(name).plan)
    shown, given = kept.items(name), kept.ratings(name)
    tasks: dict[str, dict[int, int]] = {}
    for task in kept.tasks(name):
        tasks.setdefault(task.rater, {})[task.position] = len(asked_of(plan, shown[task.items[0]]))
    answers: dict[str, dict[int, int]] = {}
    last: dict[str, str] = {}
    for rating in given:
        own = answers.setdefault(rating.rater, {})
        own[rating.position] = own.get(rating.position, 0) + 1
        last[rating.rater] = max(last.get(rating.rater, ""), rating.updated)
    return [
        RaterProgress(
            rater=rater.rater,
            linked=rater.token is not None,
            done=sum(_given(answers, rater.rater, p) >= n for p, n in tasks.get(rater.rater, {}).items()),
            tasks=len(tasks.get(rater.rater, {})),
            answers=sum(answers.get(rater.rater, {}).values()),
            last=last.get(rater.rater),
        )
        for rater in kept.raters(name)
    ]


def _given(answers: Mapping[str, Mapping[int, int]], rater: str, position: int) -> int:
    return answers.get(rater, {}).get(position, 0)


def delete_study(
    name: str, *, store: OpenStore | Address = DEFAULT_STORE, lock_seconds: float = LOCK_SECONDS
) -> None:
    """Remove a study with all its ratings. Raises `NotFoundError`."""
    with using(store, lock_seconds=lock_seconds) as opened:
        kept = Studies(opened.store)
        kept.get(name)
        kept.delete(name)
