"""Conversations of a data set as talks: what was asked, played and said, and from which session they were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ...catalog.catalog import Catalog
from ...core.errors import InputError
from ...dataset.opening import DataSet
from ...dataset.rows import ConversationRow, ExtraRow
from ...recommenders.next_track.dividing import Playlist
from ...recommenders.next_track.talks import PlayedTalk, TalkTurn
from ...state.values import Progress

_MOVES, _DOES_NOT = Progress.MOVES.value, Progress.DOES_NOT_MOVE.value


def talks_of(data: DataSet, catalog: Catalog) -> tuple[tuple[PlayedTalk, ...], dict[str, int]]:
    """(conversations, reason -> how many turns or conversations are left out).

    A track that the catalogue lacks stands as none; a conversation of which it has none is left out.

    Raises:
        InputError: no conversation is left.
    """
    known, extras = frozenset(catalog.track_ids()), data.extras()
    left: Counter[str] = Counter()
    found = []
    for row in data.rows():
        extra: ExtraRow = extras.get(row["session_id"]) or {}
        talk = _talk(row, extra)
        unknown = sum(track not in known for track in talk.tracks())
        if unknown:
            left["turns of a track that the catalogue lacks"] += unknown
        if unknown == len(talk.tracks()):
            left["conversations of no track of the catalogue"] += 1
            continue
        turns = (t if t.track in known else t.model_copy(update={"track": None}) for t in talk.turns)
        found.append(talk.model_copy(update={"turns": tuple(turns)}))
    if not found:
        raise InputError(
            f"no conversation of {data.name} played a track of the catalogue {catalog.name}",
            hint="name the catalogue that they were played on with --catalog",
        )
    return tuple(found), dict(left)


def playlists_of(catalog: Catalog) -> dict[str, Playlist]:
    """Session -> its tracks, each once, in order; sessions and playlists of one track are left out."""
    return {name: catalog.session(name).distinct_track_ids for name in catalog.session_ids(min_tracks=2)}


def _talk(row: ConversationRow, extra: ExtraRow) -> PlayedTalk:
    session, closing = extra.get("source_session_id"), extra.get("closing_assessment")
    labels = {
        each["turn_number"]: each["goal_progress_assessment"]
        for each in row.get("goal_progress_assessments") or ()
    }
    said: dict[int, dict[str, str | None]] = {}
    for message in row["conversations"]:
        said.setdefault(message["turn_number"], {})[message["role"]] = message["content"]
    last = max(said, default=0)
    turns = []
    for number, of_turn in sorted(said.items()):
        label = labels.get(number + 1) if number < last else closing
        turns.append(
            TalkTurn(
                said=of_turn.get("user") or "",
                track=of_turn.get("music") or None,
                replied=of_turn.get("assistant") or "",
                liked=_LIKED.get(label or ""),
            )
        )
    return PlayedTalk(
        name=row["session_id"],
        session=session or row["session_id"],
        turns=tuple(turns),
        taste=_taste(extra),
    )


def _taste(extra: ExtraRow) -> tuple[str, ...]:
    """What the whole profile says of it; the published one says too little."""
    profile = extra.get("profile")
    if profile is None:
        return ()
    named = (
        profile.get("top_1_genre"),
        profile.get("top_1_artist"),
        profile.get("preferred_musical_culture"),
    )
    return tuple(each for each in named if each)


_LIKED: Mapping[str, bool] = {_MOVES: True, _DOES_NOT: False}
