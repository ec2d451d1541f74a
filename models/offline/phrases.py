"""Wishes and tracks in words: the fragments that the grammars put into sentences."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .facts import TrackFacts, key_of
from .grammar import Grammar, load_grammar, load_words
from .lexicon import spelled, tag_kind, tag_wish, with_article
from .wishes import Wish

_DECADES = {
    1920: "twenties",
    1930: "thirties",
    1940: "forties",
    1950: "fifties",
    1960: "sixties",
    1970: "seventies",
    1980: "eighties",
    1990: "nineties",
}
_HEADS = {"genre"}
_BEFORE = {"mood", "place", "pace", "known"}


def decade_name(decade: float, rng: random.Random, exact: bool = False) -> str:
    """1990 as `nineties`, `90s` or `1990s`."""
    year = int(decade)
    forms = (
        [f"{year}s"] if exact or year not in _DECADES else [_DECADES[year], _DECADES[year], f"{year % 100}s"]
    )
    return rng.choice(forms)


def kind_of(wish: Wish) -> str:
    """The kind under which the word files speak of a wish: a tag's own kind, or `pace_slow` and the like."""
    if wish.kind == "tag":
        return tag_kind(wish.text)
    return f"{wish.kind}_{wish.value}" if wish.kind in ("pace", "known", "sung") else wish.kind


def value_of(wish: Wish, rng: random.Random) -> str:
    if wish.kind == "decade":
        return decade_name(float(wish.value), rng)
    if wish.kind == "tag":
        return spelled(wish.text)
    return str(int(wish.value)) if isinstance(wish.value, float) else wish.text


def _said(wish: Wish, rng: random.Random) -> dict[str, str]:
    value = value_of(wish, rng)
    return {"v": value, "av": with_article(value)}


def as_found(wish: Wish, track: TrackFacts) -> Wish:
    """The wish in the words of the track: where another tag of its family met it, that tag."""
    if wish.kind != "tag" or key_of(wish.text) in track.tag_keys:
        return wish
    return next((tag_wish(tag) for tag in track.tags if key_of(tag) in wish.also), wish)


def quality(wish: Wish, rng: random.Random) -> str:
    """One wish as a short noun phrase, such as `the nineties` or `words about the sea`."""
    return _wish_words().raw(f"quality_{kind_of(wish)}", _said(wish, rng), rng)


def lack(wish: Wish, rng: random.Random) -> str:
    """One wish as it stands after `no` or `without`."""
    return _wish_words().raw(f"lack_{kind_of(wish)}", _said(wish, rng), rng)


def describes(wish: Wish) -> bool:
    """True for a quality that a track can be said to have; names and comparisons are none."""
    return wish.kind not in (
        "artist",
        "title",
        "album",
        "cover",
        "slower",
        "faster",
        "older",
        "newer",
        "rarer",
        "bigger",
    )


def bare(wish: Wish, rng: random.Random) -> str | None:
    """One wish as a plain word that can follow `more`; None when it has none."""
    kind = kind_of(wish)
    if kind in ("genre", "place", "instrument", "voice", "artist"):
        return value_of(wish, rng)
    return value_of(wish, rng) if kind == "decade" else None


def qualities(wishes: Iterable[Wish], rng: random.Random, most: int = 2) -> str:
    """Up to `most` wishes as noun phrases joined by `and`."""
    return " and ".join(quality(wish, rng) for wish in list(wishes)[:most])


def thing(wishes: Sequence[Wish], rng: random.Random) -> str:
    """All of `wishes` as one noun phrase: `a slow shoegaze song from the nineties`."""
    words = _wish_words()
    if rng.random() < 0.5:
        wishes = rng.sample(list(wishes), len(wishes))
    before: list[str] = []
    heads: list[str] = []
    after: list[str] = []
    for wish in wishes:
        kind, facts = kind_of(wish), _said(wish, rng)
        place = kind.split("_")[0]
        if kind in _HEADS:
            heads.append(facts["v"])
        elif kind.startswith("pace"):
            before.append(rng.choice(load_words("lexicon")[kind][:4]))
        elif f"pre_{kind}" in words and (f"post_{kind}" not in words or rng.random() < 0.6):
            before.append(words.raw(f"pre_{kind}", facts, rng))
        elif place in _BEFORE and f"post_{kind}" not in words:
            before.append(facts["v"])
        else:
            after.append(words.raw(f"post_{kind}", facts, rng))
    return _join(before, heads, after, rng)


def _join(before: list[str], heads: list[str], after: list[str], rng: random.Random) -> str:
    adjectives = ", ".join(before) if rng.random() < 0.5 else " and ".join(before)
    tail = " ".join(after)
    noun = load_words("wishes")["noun"]
    if heads:
        core, *others = heads
        tail = " ".join([tail, *(f"with a bit of {other}" for other in others)]).strip()
        form = rng.choice(["some {a} {h}", "a/an {a} {h} {n}", "{a} {h}", "a/an {a} {h} {n}"])
        return (
            form.format(a=adjectives, h=core, n=rng.choice(noun)).replace("  ", " ").strip()
            + f" {tail}".rstrip()
        )
    if before:
        form = rng.choice(["something {a}", "a/an {a} {n}", "something {a}", "a/an {a} {n}", "anything {a}"])
        return form.format(a=adjectives, n=rng.choice(noun)) + f" {tail}".rstrip()
    return rng.choice(["something", f"a {rng.choice(noun)}", "anything", "some music"]) + f" {tail}".rstrip()


def track_facts(track: TrackFacts, rng: random.Random, exact: bool) -> dict[str, str]:
    """Slots for talking about a track. Figures and keys come up only for an exact speaker."""
    facts = {"title": track.title, "artist": track.artist}
    for tag in rng.sample(track.tags, len(track.tags)):
        facts.setdefault(tag_kind(tag), with_article(spelled(tag)))
    if track.album and key_of(track.album) != key_of(track.title):
        facts["album"] = track.album
    if track.year is not None and track.decade is not None:
        facts |= {"year": str(track.year), "decade": decade_name(track.decade, rng, exact)}
    if track.lines:
        facts["line"] = rng.choice(track.lines)
    if track.pace and track.pace != "mid":
        facts["pace"] = rng.choice(load_words("lexicon")[f"pace_{track.pace}"][:4])
    if exact and track.tempo is not None:
        facts["bpm"] = f"{track.tempo:.0f} BPM"
    if exact and track.key:
        facts["key"] = track.key
    return facts


def own_facts(tastes: Sequence[TrackFacts], rng: random.Random) -> dict[str, str]:
    """Slots for talking about the listener's own music, from one of the tracks played lately."""
    if not tastes:
        return {}
    track = rng.choice(tastes)
    facts = {"own_artist": track.artist, "own_title": track.title}
    if track.album and key_of(track.album) != key_of(track.title):
        facts["own_album"] = track.album
    genres = [tag for tag in track.tags if tag_kind(tag) == "genre"]
    return {**facts, "own_genre": spelled(rng.choice(genres))} if genres else facts


def life_facts(rng: random.Random, facts: dict[str, str]) -> dict[str, str]:
    """Slots for the small circumstances that people mention; `taste` where own music is known."""
    life = load_grammar("life")
    names = ("doing", "when", "who", "where", "vague_when", "recalled", "body", "taste")
    return {name: life.raw(name, facts, rng) for name in names if life.can(name, facts)}


def soften(wish: Wish) -> Wish | None:
    """The wish as somebody vague would put it; None when they would not mention it."""
    if wish.kind == "bpm":
        tempo = float(wish.value)
        return Wish("pace", "slow" if tempo < 92 else "fast" if tempo > 122 else "mid")
    if wish.kind == "year":
        return Wish("decade", float(int(float(wish.value)) // 10 * 10))
    if wish.kind == "key":
        return Wish("mode", wish.text.split(" ")[-1])
    if wish.kind == "line":
        words = wish.text.split()
        return replace(wish, value=" ".join(words[: max(2, len(words) // 2)]))
    return None if wish.kind in ("artist", "album", "chord", "cover") else wish


def _wish_words() -> Grammar:
    return load_grammar("wishes")
