"""The rules for free text: what they must find and must leave alone stands beside them."""

from __future__ import annotations

import pytest
from segue.evaluation.audits.language.audited_text import (
    EXCERPT,
    AuditedText,
    excerpt,
    key_of,
    name_key,
    text_of,
)
from segue.evaluation.audits.language.pivots import pivot_rules
from segue.evaluation.audits.language.rules import RULED, TextRule, fields, rules

RULES = [
    rule
    for language in RULED
    for rule in (*rules(language), *fields(language), *pivot_rules(language).values())
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_finds_and_leaves_what_it_says(rule: TextRule) -> None:
    assert rule.finds and rule.leaves
    assert [text for text in rule.finds if not rule(AuditedText(text))] == []
    assert [text for text in rule.leaves if rule(AuditedText(text))] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_pattern_matches_without_a_hint(rule: TextRule) -> None:
    """The hints are looked for first: what they keep from the pattern, the pattern must not match."""
    for other in RULES:
        for text in map(AuditedText, (*other.finds, *other.leaves)):
            matched = rule.pattern.search(text.plain) is not None
            assert not matched or any(hint in text.plain for hint in rule.hints), text.raw


def test_keys_compare_names() -> None:
    assert key_of("Don’t  Stop—Now!") == key_of("dont stop now") == "dont stop now"
    assert key_of("Lírio, ñandú & co.") == "lírio ñandú co"
    assert name_key("Tin Roof (Live at Home) [2011]") == "tin roof"
    assert name_key("Tin Roof - 2009 Remaster") == "tin roof"
    assert name_key("(Untitled)") == "untitled", "a title that is all brackets keeps its words"


def test_texts_know_their_words() -> None:
    text = AuditedText("A harp, a “harp”… and Lírio")
    assert text.size == 6
    assert text.tokens == ["a", "harp,", "a", "“harp”…", "and", "lírio"]
    assert text.plain == 'a harp, a "harp"... and lírio'
    assert text.says("a harp a harp") and not text.says("har")
    assert text_of("  ") is None and text_of(None) is None
    assert AuditedText("\ud83d lone surrogate").key == " lone surrogate ", "what no encoding has is no word"


def test_excerpts_are_short_and_show_the_place() -> None:
    long = "word " * 200 + "here" + " word" * 200
    piece = excerpt(long, long.index("here"))
    assert "here" in piece and len(piece) <= EXCERPT + 2
    assert excerpt("two\nlines") == "two lines"
    assert excerpt("x" + "y" * 1000)[0] == "x", "from its beginning on"
