"""Where cases come from: threads of the store, and rows of a data set in the published schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...catalog.catalog import Catalog
from ...catalog.media import MediaLibrary
from ...checkpoints.store.threads import Thread
from ...dataset.opening import DataSet
from ...dataset.rows import ConversationRow, ExtraRow, TrackRow
from ...runs.settings.config import RunConfig
from ...state.document import conversation
from ...state.values import Medium, TrackCard
from .cases import Case, CaseTurn, case_of_document, goal_fields

Cards = Callable[[str], TrackCard | None]
"""Track id to card; None for a track of which nothing is known."""


def cases_of_threads(
    threads: Iterable[Thread], state: Callable[[Thread], Mapping[str, Any]]
) -> Iterator[Case]:
    """One case for each thread that has a turn, read when it is asked for.

    Args:
        state: a thread's channels.
    """
    for thread in threads:
        document = conversation(state(thread))
        if document["turns"]:
            yield case_of_document(thread.thread_id, document)


def cases_of_dataset(dataset: DataSet, cards: Cards) -> Iterator[Case]:
    """One case for each row, read when it is asked for."""
    extras = dataset.extras()
    for row in dataset.rows():
        yield case_of_row(row, extras.get(row["session_id"]), cards, source_of(dataset))


def source_of(dataset: DataSet) -> str:
    """The name under which verdicts on the data set are kept."""
    return f"data:{dataset.name}"


def case_of_row(row: ConversationRow, extra: ExtraRow | None, cards: Cards, source: str) -> Case:
    """The case of one published row and of our own columns, where there are any."""
    known: Mapping[str, Any] = extra or {}
    said: dict[int, dict[str, Mapping[str, Any]]] = {}
    for message in row["conversations"]:
        said.setdefault(message["turn_number"], {})[message["role"]] = message
    labels = _labels(row, known, last=max(said, default=0))
    thoughts = [known.get(f"{side}_thoughts") or () for side in ("listener", "recsys")]
    turns = [_turn(n, by_role, cards, labels.get(n), thoughts) for n, by_role in sorted(said.items())]
    profile = known.get("profile") or row.get("user_profile")
    return Case(
        case_id=row["session_id"],
        source=source,
        turns=tuple(turns),
        goal=goal_fields(row.get("conversation_goal")),
        profile=_profile(profile),
        profiling=_all_cards(known.get("profiling_tracks"), cards),
        pool=_all_cards(known.get("pool"), cards),
    )


def _labels(row: ConversationRow, known: Mapping[str, Any], last: int) -> dict[int, str]:
    """Turn -> label of its track; the source keeps it one turn later, that of the last track apart."""
    given = {a["turn_number"] - 1: a["goal_progress_assessment"] for a in _assessments(row)}
    given[last] = given.get(last) or known.get("closing_assessment")
    return {turn: label for turn, label in given.items() if label}


def _assessments(row: ConversationRow) -> Sequence[Any]:
    return row.get("goal_progress_assessments") or ()


def _turn(
    number: int,
    said: Mapping[str, Mapping[str, Any]],
    cards: Cards,
    label: str | None,
    thoughts: Sequence[Sequence[str | None]],
) -> CaseTurn:
    user, music, assistant = (said.get(role, {}) for role in ("user", "music", "assistant"))
    track_id = music.get("content")
    listener, recsys = (column[number - 1] if len(column) >= number else None for column in thoughts)
    return CaseTurn(
        turn=number,
        request=user.get("content") or None,
        reply=assistant.get("content") or None,
        track_id=track_id,
        track=cards(track_id) if track_id else None,
        listener_thought=user.get("thought") or listener,
        recsys_thought=music.get("thought") or assistant.get("thought") or recsys,
        label=label,
    )


def _profile(profile: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Who the listener is, without what only the data set has use for."""
    known = {n: v for n, v in (profile or {}).items() if v is not None and n not in ("user_id", "user_split")}
    return known or None


def _all_cards(ids: Sequence[str] | None, cards: Cards) -> tuple[TrackCard, ...] | None:
    """The cards of all the tracks; None when one is not known: a part of a pool is another pool."""
    found = [cards(track_id) for track_id in ids or ()]
    known = tuple(card for card in found if card is not None)
    return known if known and len(known) == len(found) else None


def cards_of_dataset(dataset: DataSet) -> Cards:
    """Cards from the data set's own track table."""
    rows = dataset.tracks()

    def card(track_id: str) -> TrackCard | None:
        row = rows.get(track_id)
        return card_of_row(row) if row is not None else None

    return card


def card_of_row(row: TrackRow) -> TrackCard | None:
    """A card from published metadata; None without a title or an artist."""
    if not row.get("track_name") or not row.get("artist_name"):
        return None
    return TrackCard.of_row(row)


def cards_of_catalog(
    catalog: Catalog, media: MediaLibrary, modalities: Sequence[str], otherwise: Cards
) -> Cards:
    """Cards from a catalogue, as agents are shown tracks unless a run says otherwise, with clips and covers prepared.

    Args:
        otherwise: for tracks that the catalogue does not hold.
    """
    known, shown = set(catalog.track_ids()), RunConfig()

    def card(track_id: str) -> TrackCard | None:
        if track_id not in known:
            return otherwise(track_id)
        track = catalog.track(track_id)
        prepared = media.prepare(catalog, track, modalities, clip_seconds=shown.clip_seconds)
        made = {kind: Medium(**medium.to_json()) for kind, medium in prepared.items() if medium}
        return TrackCard.of_row(track.to_row(), lyrics_chars=shown.lyrics_chars, **made)

    return card
