"""From a drawn persona to the one that a session's listener has under the third rules."""

from __future__ import annotations

from ...catalog.session import ListeningSession
from ...core.random import stream
from ...sessions.languages import ENGLISH, SESSION
from ...sessions.personas import PersonaEntry, draw_persona
from ...state.values import Persona
from ..plan import RunPlan

_PATIENCE = (2, 3, 3, 4)
"""Misses in a row that listeners put up with, where no persona says."""


def given_persona(drawn: Persona, session: ListeningSession, plan: RunPlan) -> Persona:
    """`drawn` with what a persona of the plan says in its place, patience and language."""
    rng = stream(plan.draw_seed, session.session_id, "given persona")
    patience = rng.choice(_PATIENCE)
    own = draw_persona(plan.personas, rng) if plan.personas else None
    given = own.model_dump(exclude={"weight", "language"}, exclude_none=True) if own else {}
    language = _language(own, session, plan.language)
    return Persona.model_validate({**drawn.to_json(), "patience": patience, **given, "language": language})


def _language(own: PersonaEntry | None, session: ListeningSession, language: str) -> str:
    said = own.language if own and own.language else language
    return (session.preferred_language or ENGLISH) if said == SESSION else said
