"""The settings that a run's plan keeps as they are given: how long, out of which pool, and what is shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from ...core.errors import ConfigError
from ...core.settings import About, blaming, items
from ...recommenders.retrieval.names import RetrieverName
from ...sessions.languages import ENGLISH, SESSION, language_name
from ...sessions.pool_source import PoolSource
from ...state.actions import in_order
from ...state.values import PLAY_ALONE, Action

LARGEST_SHOWN = 1000
"""Tracks that a prompt may show."""
LARGEST_POOL = 10_000_000
SHORTLIST = 32
"""Tracks of a shortlist, where nothing is said: as many as the largest pool that is shown whole."""


def _language(said: str) -> str:
    try:
        return said if said == SESSION else language_name(said)
    except ConfigError as error:
        raise ValueError(f"{error.message}; {error.hint}") from error


def read_actions(value: Any) -> tuple[Action, ...]:
    """What the recsys may do, from names one by one or set apart by commas; each once, in their own order.

    Raises:
        ValueError: one is none, or `play` is missing.
    """
    said = [name.strip() for item in items(value) for name in item.split(",")]
    unknown = [name for name in said if name not in set(Action)]
    if unknown:
        raise ValueError(f"there is no action {unknown[0]!r}; one of {', '.join(Action)}")
    if Action.PLAY not in said:
        raise ValueError("play must be among them: a recsys that may not play has nothing to offer")
    return in_order(map(Action, said))


Actions = Annotated[tuple[Action, ...], BeforeValidator(read_actions, json_schema_input_type=str | list[str])]


class PlanShape(BaseModel):
    """How long, and what is shown: the part that a run's plan keeps as it is given."""

    turns: Annotated[int, Field(ge=1, le=64), About("Of each conversation.", data="always", first=True)] = 8
    pool_size: Annotated[
        int | None,
        Field(ge=1, le=LARGEST_POOL),
        About("Tracks in the pool; 16 to 32, or the whole catalogue.", data="always"),
    ] = None
    pool: Annotated[
        PoolSource,
        About(
            "What may be recommended: tracks of the session, or of the whole catalogue.", data="where changed"
        ),
    ] = "session"
    shortlist: Annotated[
        int | None,
        Field(ge=1, le=LARGEST_SHOWN),
        About(
            "Tracks that the recsys is shown each turn, found in the pool by what was said; 32 where the pool is the "
            "catalogue, otherwise the whole pool.",
            data="where changed",
        ),
    ] = None
    retriever: Annotated[
        RetrieverName,
        About("What finds a shortlist: words (bm25) or meaning (dense).", data="where changed"),
    ] = "bm25"
    clip_seconds: Annotated[
        float, Field(gt=0, le=60), About("Length of a clip, up to 60 seconds.", data="always")
    ] = 3.0
    lyrics_chars: Annotated[
        int, Field(ge=0, le=20_000), About("How much of the lyrics is shown.", data="always")
    ] = 200
    length: Annotated[
        Literal["fixed", "natural"],
        About(
            "fixed: as many turns as are set; natural: until the listener is done or gives up, at most as many.",
            data="where changed",
        ),
    ] = "fixed"
    language: Annotated[
        str,
        AfterValidator(_language),
        About(
            "In which the listener speaks: a code such as es, or session for the one that the session's listener "
            "prefers.",
            data="where changed",
        ),
    ] = ENGLISH
    actions: Annotated[
        Actions,
        About(
            "What the recsys may do on a turn: play, ask a question, say that nothing fits (play,ask,no_match).",
            data="where changed",
        ),
    ] = PLAY_ALONE
    pipeline: Annotated[
        Literal["agents", "single"],
        About(
            "agents: four, each with its own view; single: one model writes the whole conversation in one call, from a "
            "playlist and a negative set.",
            data="where changed",
        ),
    ] = "agents"
    images_per_track: Annotated[
        int, Field(ge=1, le=8), About("Pictures of a track, the cover first.", data="where changed")
    ] = 1

    @property
    def acts(self) -> bool:
        """Whether the recsys may do something else than play."""
        return self.actions != PLAY_ALONE

    @property
    def shortlist_size(self) -> int | None:
        """Tracks that the recsys is shown each turn; None where it is shown the whole pool."""
        return self.shortlist or (SHORTLIST if self.pool == "catalogue" else None)


def require_shown(shape: PlanShape) -> None:
    """Raises `ConfigError` for a pool that no prompt can show, and for a retriever that has nothing to do."""
    if shape.shortlist_size is not None:
        return
    if shape.pool_size is not None and shape.pool_size > LARGEST_SHOWN:
        with blaming("pool_size"):
            raise ConfigError(
                f"--pool-size {shape.pool_size}: the whole pool is shown in each prompt, which takes {LARGEST_SHOWN:,} "
                "tracks at most",
                hint=f"add --shortlist {SHORTLIST}: so many are found each turn, and shown",
            )
    if shape.retriever != type(shape).model_fields["retriever"].default:
        with blaming("retriever"):
            raise ConfigError(
                f"--retriever {shape.retriever}: the whole pool is shown, and nothing is searched",
                hint=f"add --pool catalogue or --shortlist {SHORTLIST}, or leave it out",
            )
