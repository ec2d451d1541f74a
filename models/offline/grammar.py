"""`Grammar`: a phrase grammar read from the word files, expanded by seeded choice.

Notation: `<symbol>`, `{fact}`, `(this|or that)`, `[maybe this]`, `a/an` before whatever follows.
An alternative whose facts are not at hand is never chosen.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from ...core.errors import ModelError
from ...sessions.languages import ENGLISH
from .languages import FOLDERS

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOKEN = re.compile(r"<[a-z0-9_]+>|\{[a-z0-9_]+\}|[()\[\]|]|[^<{()\[\]|]+")

Node = str | tuple[str, object]
Mends = tuple[tuple[re.Pattern[str], str], ...]
"""What a language writes otherwise where two words meet: a pattern, and what stands in its place."""


@dataclass(frozen=True)
class _Branch:
    """One alternative: literal text, and ("symbol" | "fact" | "one" | "maybe", …) nodes."""

    nodes: tuple[Node, ...]


class Grammar:
    """Symbols and their alternatives.

    Raises:
        ModelError: for a symbol that is used and not defined, or brackets that do not match.
    """

    def __init__(self, rules: Mapping[str, Iterable[str]], mends: Mends = ()) -> None:
        self._mends = mends
        self._rules = {name: tuple(_compile(text) for text in texts) for name, texts in rules.items()}
        self._usable: dict[tuple[str, frozenset[str]], tuple[_Branch, ...]] = {}
        for name, branches in self._rules.items():
            for branch in branches:
                self._check(name, branch)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(self._rules)

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._rules

    def can(self, symbol: str, facts: Mapping[str, str]) -> bool:
        """True when some alternative of `symbol` can be said with these facts."""
        return bool(self._open(symbol, frozenset(facts)))

    def say(self, symbol: str, facts: Mapping[str, str], rng: random.Random, fullness: float = 0.5) -> str:
        """One expansion of `symbol`, tidied. `fullness` is the chance of each optional part.

        Raises:
            ModelError: when no alternative can be said with these facts.
        """
        return tidy(self.raw(symbol, facts, rng, fullness), mends=self._mends)

    def raw(self, symbol: str, facts: Mapping[str, str], rng: random.Random, fullness: float = 0.5) -> str:
        """As `say`, without tidying: to be put into a larger text."""
        out: list[str] = []
        self._expand(symbol, facts, frozenset(facts), rng, fullness, out)
        return "".join(out)

    def _expand(
        self,
        symbol: str,
        facts: Mapping[str, str],
        known: frozenset[str],
        rng: random.Random,
        fullness: float,
        out: list[str],
    ) -> None:
        branches = self._open(symbol, known)
        if not branches:
            raise ModelError(f"the offline model has no words for <{symbol}> with {sorted(known)}")
        pending: list[Node] = list(reversed(rng.choice(branches).nodes))
        while pending:
            node = pending.pop()
            if isinstance(node, str):
                out.append(node)
                continue
            kind, content = node
            if kind == "fact":
                out.append(facts[str(content)])
            elif kind == "symbol":
                self._expand(str(content), facts, known, rng, fullness, out)
            else:
                choices = [b for b in _branches(content) if self._can(b, known)]
                if choices and (kind == "one" or rng.random() < fullness):
                    pending.extend(reversed(rng.choice(choices).nodes))

    def _open(self, symbol: str, known: frozenset[str]) -> tuple[_Branch, ...]:
        at = (symbol, known)
        if at not in self._usable:
            if len(self._usable) > 20_000:
                self._usable.clear()
            self._usable[at] = ()
            self._usable[at] = tuple(b for b in self._rules[symbol] if self._can(b, known))
        return self._usable[at]

    def _can(self, branch: _Branch, known: frozenset[str]) -> bool:
        return all(isinstance(node, str) or self._can_node(node, known) for node in branch.nodes)

    def _can_node(self, node: tuple[str, object], known: frozenset[str]) -> bool:
        kind, content = node
        if kind == "fact":
            return content in known
        if kind == "symbol":
            return bool(self._open(str(content), known))
        return kind == "maybe" or any(self._can(branch, known) for branch in _branches(content))

    def _check(self, name: str, branch: _Branch) -> None:
        for node in branch.nodes:
            if isinstance(node, str):
                continue
            kind, content = node
            if kind == "symbol" and content not in self._rules:
                raise ModelError(f"word files: <{name}> uses <{content}>, which is not defined")
            if kind in ("one", "maybe"):
                for inner in _branches(content):
                    self._check(name, inner)


def _branches(content: object) -> tuple[_Branch, ...]:
    return content if isinstance(content, tuple) else ()


def _compile(text: str) -> _Branch:
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:
        raise ModelError(f"word files: cannot read {text!r}")
    branches, rest = _read(tokens, 0, "")
    if rest != len(tokens) or len(branches) != 1:
        raise ModelError(f"word files: brackets do not match in {text!r}")
    return branches[0]


def _read(tokens: list[str], at: int, closing: str) -> tuple[tuple[_Branch, ...], int]:
    """Branches from `tokens[at:]` up to `closing`, and the index of the token that ended them."""
    done: list[_Branch] = []
    nodes: list[Node] = []
    while at < len(tokens) and tokens[at] not in (")", "]"):
        token = tokens[at]
        if token == "|":
            done.append(_Branch(tuple(nodes)))
            nodes = []
        elif token in "([":
            inner, at = _read(tokens, at + 1, ")" if token == "(" else "]")
            nodes.append(("one" if token == "(" else "maybe", inner))
        elif token[0] == "<" and token[-1] == ">":
            nodes.append(("symbol", token[1:-1]))
        elif token[0] == "{":
            nodes.append(("fact", token[1:-1]))
        else:
            nodes.append(token)
        at += 1
    found = tokens[at] if at < len(tokens) else ""
    if found != closing:
        raise ModelError(f"word files: brackets do not match in {''.join(tokens)!r}")
    return (*done, _Branch(tuple(nodes))), at


_ARTICLE = re.compile(r"\b([Aa])/an (\W*)(\w+)")
_VOWEL = re.compile(
    r"(?!uni|use|eu|one\b|uk\b)[aeiou]|8|11\b|18\b|hour|honest|mpb|f(?:m|maj|dim|sus)?\d*\Z", re.IGNORECASE
)
_SPACES = re.compile(r"[ \t]{2,}")
_LOOSE = re.compile(r" +([,.;:!?…])")
_START = re.compile(r"(^|[.!?…]['’”\"]? )([(¿¡]*)([a-zà-ÿ])")
_QUOTATION = re.compile(r"(“[^”]*”)")


def tidy(text: str, capitals: bool = True, mends: Mends = ()) -> str:
    """Articles settled, blanks and stops put right; with `capitals`, each sentence begins with one.

    Args:
        mends: of the text's language. What is quoted stays as it is.
    """
    text = settle_articles(text)
    text = _LOOSE.sub(r"\1", _SPACES.sub(" ", text.strip()))
    text = re.sub(r"([,;:]),", r"\1", re.sub(r"([.!?])\.(?!\.)", r"\1", text))
    if mends:
        text = "".join(
            piece if i % 2 else _mended(piece, mends) for i, piece in enumerate(_QUOTATION.split(text))
        )
    return text if not capitals else _START.sub(lambda m: f"{m[1]}{m[2]}{m[3].upper()}", text)


def settle_articles(text: str) -> str:
    """`a/an` as what follows it is pronounced: `an Amaj7`, `a Cm7`."""
    return _ARTICLE.sub(lambda m: f"{m[1]}{'n' if _VOWEL.match(m[3]) else ''} {m[2]}{m[3]}", text)


def _mended(text: str, mends: Mends) -> str:
    for pattern, written in mends:
        text = pattern.sub(written, text)
    return text


@cache
def load_grammar(*names: str, language: str = ENGLISH) -> Grammar:
    """The grammar of the word files `names` of a language together; read once in a process."""
    rules: dict[str, list[str]] = {}
    for name in names:
        for symbol, texts in load_words(name, language).items():
            rules[symbol] = rules.get(symbol, []) + list(texts)
    return Grammar(rules, mends_of(language))


@cache
def mends_of(language: str) -> Mends:
    """What the language writes otherwise where two words meet."""
    pairs = (mend.split(" => ") for mend in load_words("joints", language)["mends"])
    return tuple((re.compile(pattern), written) for pattern, written in pairs)


@cache
def load_words(name: str, language: str = ENGLISH) -> dict[str, list[str]]:
    """One word file of a language as symbol -> alternatives."""
    source = files(__package__) / "words" / FOLDERS[language] / f"{name}.yaml"
    data = yaml.load(source.read_text(encoding="utf-8"), Loader=_LOADER)
    for symbol, texts in data.items():
        # YAML takes a bare `no` for a truth value and a bare 1990 for a number.
        foreign = [text for text in texts if not isinstance(text, str)]
        if foreign:
            raise ModelError(
                f"word files: {name}.yaml, {symbol}: {foreign[0]!r} must stand in quotation marks"
            )
    return {str(symbol): list(texts) for symbol, texts in data.items()}
