"""Recommenders as they are typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.agents.chair.built_in import BUILT_IN
from segue.agents.chair.spec import RecommenderSpec, recommender_of
from segue.core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "name", "kind", "target"),
    [
        ("random", "random", "python", BUILT_IN["random"]),
        (" popularity() ", "popularity", "python", BUILT_IN["popularity"]),
        ("python:mine:Nearest", "python:mine:Nearest", "python", "mine:Nearest"),
        ("python:a.b:C.D(k=2,b='x#)y')#v2", "python:a.b:C.D(b='x#)y', k=2)#v2", "python", "a.b:C.D"),
        ("http://h:8000/r?x=1#v2", "http://h:8000/r?x=1#v2", "http", "http://h:8000/r?x=1"),
        ("https://h/", "https://h/", "http", "https://h/"),
    ],
)
def test_a_recommender_has_one_canonical_name(text: str, name: str, kind: str, target: str) -> None:
    spec = RecommenderSpec.of(text)
    assert (spec.name, spec.kind, spec.target) == (name, kind, target)
    assert RecommenderSpec.of(spec.name) == spec
    assert spec.model == spec.price_name == f"recsys:{name}"


def test_the_chat_model_is_none() -> None:
    assert recommender_of("model") is None and recommender_of("random") is not None


def test_each_server_has_limits_of_its_own() -> None:
    assert RecommenderSpec.of("http://h:8000/a").limits_name == "http@h:8000"
    assert (
        RecommenderSpec.of("random").limits_name == RecommenderSpec.of("python:a:B").limits_name == "python"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("populrity", "did you mean popularity?"),
        ("python:mine", "it must be python:package.module:Class"),
        ("python:my-mine:A", "it must be"),
        ("random(3)", "must be NAME=VALUE"),
        ("random(k=open)", "must be NAME=VALUE"),
        ("random(k=float('inf'))", "must be NAME=VALUE"),
        ("random(k={1})", "must be NAME=VALUE"),
        ("random(k=1", "must be NAME=VALUE"),
        ("random(k=1, **{})", "must be NAME=VALUE"),
        ("random(api_key='x')", "no key may be"),
        ("random#", "label"),
        ("random#a b", "label"),
        ("http://user:word@h/", "must not hold a name or a password"),
        ("http://", "names no server"),
        ("http://h:99999/", "Port"),
        ("http://h/#a b", "label"),
        ("http://h/a b", "as %XX"),
        ("http://h/ü", "as %XX"),
        ("x" * 600, "up to 500 printable characters"),
        ("random\x1b[2J", "printable"),
    ],
)
def test_what_is_none_is_told(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        RecommenderSpec.of(text)
    assert words in str(raised.value) and "word@" not in str(raised.value)


plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab#()'\"\\", max_size=8)
)
values = plain | st.lists(plain, max_size=3) | st.dictionaries(st.text("ab", max_size=3), plain, max_size=3)


@given(arguments=st.dictionaries(st.from_regex(r"[a-d]{1,5}", fullmatch=True), values, max_size=3))
def test_arguments_come_back_from_the_name(arguments: dict[str, object]) -> None:
    told = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    spec = RecommenderSpec.of(f"python:mine:Nearest({told})#v1")
    assert spec.arguments == arguments and RecommenderSpec.of(spec.name) == spec


def test_a_trained_model_is_named_with_its_folder() -> None:
    spec = RecommenderSpec.of("talkplay:models/first(beam=64)#v2")
    assert spec.name == "talkplay:models/first(beam=64)#v2"
    assert spec.target.endswith("talkplay.recommender:TalkPlayRecommender")
    assert spec.arguments == {"folder": "models/first", "beam": 64}
    assert spec.limits_name == "python"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("talkplay", "talkplay:FOLDER of a trained model"),
        ("talkplay:", "talkplay:FOLDER of a trained model"),
        ("talkplay:a(folder='b')", "after the colon"),
        ("talkply:a", "no such recommender"),
    ],
)
def test_a_trained_model_without_its_folder_is_refused(said: str, why: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(why)):
        RecommenderSpec.of(said)
