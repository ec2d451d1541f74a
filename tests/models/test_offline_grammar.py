from __future__ import annotations

import random
import re

import pytest
from segue.core.errors import ModelError, PromptError
from segue.models.offline.blocks import parse_blocks
from segue.models.offline.grammar import Grammar, load_grammar, load_words, tidy
from segue.models.offline.phrases import bare, lack, quality, thing
from segue.models.offline.wishes import WEIGHTS, Wish

GRAMMARS = ("listener", "listener_thoughts", "recsys", "goals", "wishes", "life")


def all_sayings(grammar: Grammar, symbol: str, facts: dict[str, str]) -> set[str]:
    return {grammar.say(symbol, facts, random.Random(seed)) for seed in range(200)}


def test_choices_options_and_facts() -> None:
    grammar = Grammar({"ask": ["a/an {tag} (song|<noun>)[, please]."], "noun": ["aria"]})
    said = all_sayings(grammar, "ask", {"tag": "old"})
    assert said == {f"An old {noun}{end}." for noun in ("song", "aria") for end in ("", ", please")}


def test_an_alternative_without_its_facts_is_never_chosen() -> None:
    grammar = Grammar({"x": ["{a}", "{b} (one|two)", "<y>"], "y": ["{c}"]})
    assert all_sayings(grammar, "x", {"a": "yes"}) == {"Yes"}
    assert not grammar.can("y", {"a": "yes"})
    with pytest.raises(ModelError, match="no words for <y>"):
        grammar.say("y", {"a": "yes"}, random.Random(0))


@pytest.mark.parametrize("rule", ["(a", "a]", "a)", "<nowhere>", "[a|<nowhere>]", "{A}"])
def test_broken_rules_are_refused(rule: str) -> None:
    with pytest.raises(ModelError, match="word files"):
        Grammar({"x": [rule]})


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("a/an old  song , and a/an new one.", "An old song, and a new one."),
        ("yes! it is.. “so” nice", "Yes! It is. “so” nice"),
        ("a/an “80s” tune", "An “80s” tune"),
        ("a/an unusual and a/an euphoric one", "An unusual and a euphoric one"),
    ],
)
def test_tidying(raw: str, tidied: str) -> None:
    assert tidy(raw) == tidied


@pytest.mark.parametrize("name", GRAMMARS)
def test_the_word_files_hold_together(name: str) -> None:
    assert load_grammar(name) is load_grammar(name)
    for texts in load_words(name).values():
        # A short alternative may stand twice to count double.
        long = [text for text in texts if text.count(" ") > 1]
        assert len(long) == len(set(long))
        assert not any(re.search(r"\bthe (goal|pool|turn)s?\b", text) for text in texts if name == "listener")


@pytest.mark.parametrize(
    "symbol", ["like", "half", "dislike", "mild", "glad", "found", "same_artist", "ask_other_artist"]
)
def test_something_can_be_said_of_a_track_that_has_only_names(symbol: str) -> None:
    assert load_grammar("listener").can(symbol, {"title": "T", "artist": "A"})


EXAMPLES: dict[str, tuple[str | float, ...]] = {
    "pace": ("slow", "mid", "fast"),
    "known": ("well", "little"),
    "sung": ("none", "voice"),
    "tag": ("folk", "calm", "harp", "choir", "beach", "polish", "poetry", "remix", "qwerty"),
    "year": (1996.0,),
    "decade": (1990.0, 2010.0),
    "bpm": (96.0,),
    "mode": ("minor",),
}


@pytest.mark.parametrize(
    "kind", sorted(set(WEIGHTS) - {"slower", "faster", "older", "newer", "rarer", "bigger"})
)
def test_every_wish_can_be_said(kind: str) -> None:
    rng = random.Random(0)
    for value in EXAMPLES.get(kind, ("Some Name",)):
        wish = Wish(kind, value)
        said = [form(wish, rng) for form in (quality, lack) for _ in range(20)]
        said += [thing([wish, Wish("artist", "A B")], rng) for _ in range(20)]
        assert all(text.strip() and "{" not in text for text in said)
        assert bare(wish, rng) is None or bare(wish, rng) != ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<pool>\n<track>\n</pool>", "does not end"),
        ('<track>\ntitle: "x\n</track>', "not readable"),
        ("<pool>", "<pool> block does not end"),
    ],
)
def test_broken_blocks_are_refused(text: str, reason: str) -> None:
    with pytest.raises(PromptError, match=reason):
        parse_blocks(text)


def test_prose_around_blocks_is_left_aside() -> None:
    (block,) = parse_blocks('Hello:\n<a b="c\\"d" n=3>\nx: [1]\nclip: \nprose here\n</a>\nBye <a>')
    assert block.attributes == {"b": 'c"d', "n": 3}
    assert block.fields == {"x": [1], "clip": True}
