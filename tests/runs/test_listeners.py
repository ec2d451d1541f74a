"""Personas, languages and lengths of a run: who is drawn, what is refused, what older runs keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from segue.catalog.opening import open_catalog
from segue.core.errors import ConfigError
from segue.runs.plan import RunPlan
from segue.runs.preparation.personas import given_persona
from segue.runs.run import choose_sessions
from segue.runs.settings.config import RunConfig
from segue.state.values import Persona
from support.runs.staging import catalog, prompts, session

REAL = {"answer_rules": "3", "model": "openai:gpt-x", "modalities": "text"}
DRAWN = Persona(words=12, register_="plain")


def plan(**settings: Any) -> RunPlan:
    return RunPlan.of(RunConfig(**settings), catalog(), prompts())


def personas(folder: Path, text: str) -> str:
    path = folder / "personas.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_persona_says_what_it_says_and_the_rest_is_drawn(tmp_path: Path) -> None:
    made = plan(
        **REAL, personas=personas(tmp_path, "- {name: hasty, register: casual, language: fr, patience: 1}")
    )
    found = given_persona(DRAWN, catalog().session(session(0)), made)
    assert (found.words, found.register_, found.name) == (12, "casual", "hasty")
    assert (found.language, found.patience, found.typos) == ("French", 1, None)


def test_without_a_persona_there_is_patience_and_the_run_s_language() -> None:
    one = catalog().session(session(0))
    assert given_persona(DRAWN, one, plan(**REAL)).language == "English"
    assert given_persona(DRAWN, one, plan(**REAL, language="pt")).language == "Portuguese"
    assert given_persona(DRAWN, one, plan(**REAL, language="session")).language == one.preferred_language
    assert given_persona(DRAWN, one, plan(**REAL)).patience in (2, 3, 4)


@pytest.mark.parametrize("setting", ["length", "language", "personas"])
def test_older_rules_know_none_of_it(tmp_path: Path, setting: str) -> None:
    given = {"length": "natural", "language": "es", "personas": personas(tmp_path, "- {name: a}")}
    with pytest.raises(ConfigError, match=f"--{setting} is for the third rules") as caught:
        plan(**{**REAL, "answer_rules": "2"}, **{setting: given[setting]})
    assert caught.value.hint == "add --answer-rules 3"


def test_the_offline_model_is_asked_for_no_other_language() -> None:
    with pytest.raises(
        ConfigError, match="English and Spanish, and it is the recsys of listeners that speak French"
    ):
        plan(**REAL, language="fr", recsys_model="offline")
    assert plan(answer_rules="3", modalities="text", language="es").language == "Spanish"


def test_sessions_in_other_languages_are_left_out_or_refused_by_name(tmp_path: Path) -> None:
    mixed = personas(tmp_path, "- {name: a, language: es}\n- {name: b, language: session}")
    demo = open_catalog(None)
    prefers = {i: demo.session(i).preferred_language for i in demo.session_ids()}
    german = next(i for i, language in prefers.items() if language == "German")
    spoken = RunConfig(answer_rules="3", modalities="text", personas=Path(mixed), sessions=100)
    chosen = choose_sessions(spoken, demo)
    assert {prefers[i] for i in chosen} == {"English", "Spanish"}
    with pytest.raises(
        ConfigError, match=f"'{german}' prefers German, which the offline model does not speak"
    ):
        choose_sessions(spoken.changed(session=(german,)), demo)
    assert german in choose_sessions(RunConfig(**REAL, language="session", sessions=100), demo)


def test_a_language_nobody_knows_is_refused_with_the_codes() -> None:
    with pytest.raises(ConfigError, match="no language 'xx' is known"):
        plan(**REAL, language="xx")


def test_ids_and_what_the_store_keeps_are_as_they_were_where_nothing_is_said() -> None:
    usual = plan()
    assert not {"length", "language", "personas"} & (usual.canonical().keys() | usual.config("s").keys())
    assert plan(**REAL, language="en").run_id == plan(**REAL).run_id
    assert plan(**REAL, length="natural").run_id != plan(**REAL).run_id
