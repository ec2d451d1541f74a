"""Who has to speak which language, and whether the offline model can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...catalog.catalog import Catalog
from ...core.errors import ConfigError
from ...core.settings import blaming
from ...models.providers import OFFLINE, OFFLINE_LANGUAGES
from ...models.spec import ModelSpec
from ...sessions.languages import ENGLISH, SESSION
from ...sessions.personas import PersonaEntry, read_personas
from ...state.values import Agent
from ..settings.config import RunConfig

_SPOKEN = " and ".join(OFFLINE_LANGUAGES)
_WAY_OUT = "take other models with --listener-model and --recsys-model, or --language en or es"


def require_speakers(
    config: RunConfig, personas: Sequence[PersonaEntry], models: Mapping[Agent, ModelSpec]
) -> None:
    """Raises `ConfigError` where the offline model is to speak a language that it does not; what sessions prefer is
    looked at when they are chosen."""
    asked = {config.language, *(entry.language or ENGLISH for entry in personas)} - {
        SESSION,
        *OFFLINE_LANGUAGES,
    }
    mute = _offline(models)
    if asked and mute:
        with blaming("language"):
            raise ConfigError(
                f"the offline model speaks {_SPOKEN}, and it is the {' and the '.join(mute)} of listeners that speak "
                + " or ".join(sorted(asked)),
                hint=_WAY_OUT,
            )


def in_spoken_languages(
    config: RunConfig, catalog: Catalog, session_ids: Sequence[str], *, named: bool = False
) -> Sequence[str]:
    """Those of the sessions whose own language can be spoken, where listeners speak that.

    Args:
        named: the user named them: none may be left out.

    Raises:
        ConfigError: one that was named is in another language, or all are.
    """
    if not _own_language(config) or not _offline(
        {Agent(agent): spec for agent, spec in config.specs().items()}
    ):
        return session_ids
    languages = {i: catalog.session(i).preferred_language or ENGLISH for i in session_ids}
    kept = [i for i, language in languages.items() if language in OFFLINE_LANGUAGES]
    silent = next((i for i in languages if i not in kept), None)
    if silent is not None and (named or not kept):
        with blaming("language"):
            raise ConfigError(
                f"the listener of session {silent!r} prefers {languages[silent]}, which the offline model does not "
                f"speak: it speaks {_SPOKEN}",
                hint=_WAY_OUT,
            )
    return kept


def _own_language(config: RunConfig) -> bool:
    personas = read_personas(config.personas) if config.personas else ()
    return SESSION in (config.language, *(entry.language for entry in personas))


def _offline(models: Mapping[Agent, ModelSpec]) -> list[str]:
    return [a.value for a in (Agent.LISTENER, Agent.RECSYS) if models[a].provider == OFFLINE]
