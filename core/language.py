"""Which language a text is in, told by its commonest small words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from typing import Final

from .text import words_of

UNTOLD: Final = "another language"
"""What a text is in that is long enough, and in none of the languages that can be told."""

_SMALL: Final[Mapping[str, str]] = {
    "English": "the a and no you my was with is i it to of that for this in me but not have some like more your are "
    "something be it's i'm what so just on would could that's from an by if can we",
    "Spanish": "el a la los las una un yo mi en del tu que de y no con por para es lo más algo pero como muy esta "
    "este eso me se al su le sí ya qué otra otro sin o está quiero",
    "Portuguese": "o a os as não meu uma um você minha eu na no do da que de e com por para é mais algo mas como "
    "muito isso me se ao seu em quero essa esse foi são dos",
    "French": "le la les des je une un dans est mon pas de et que qui pour avec ce cette c'est du sur plus en ne "
    "tu vous moi mais j'ai au quelque chose sans ou il",
    "German": "der die und das ich ist nicht ein den eine mit für auf zu es mir du von was aber etwas mehr auch "
    "noch wie im so dem mal war bitte wäre",
    "Italian": "il a che di non sono per una mio un la le i e con è più qualcosa ma come mi del della questo questa "
    "in da si lo gli anche al vorrei",
    "Polish": "nie się jest na w tak mój i z do to co o że jak coś ale dla po mi ten ta bardzo proszę by od",
    "Swedish": "och det jag en är som på att inte med för av mig ett den men något du har till om vill i så lite",
    "Norwegian": "og det jeg en er som på at ikke med for av meg et den men noe du har til om vil i så litt",
    "Danish": "og det jeg en er som på at ikke med for af mig et den men noget du har til om vil i så lidt",
    "Dutch": "de het een en ik is dat van niet met voor op te mij je maar iets meer ook nog zo die in wat",
}  # fmt: skip
TOLD: Final = tuple(_SMALL)
"""The languages that can be told."""
_ENGLISH: Final = "English"
_LEAD: Final = 3
"""Small words of a language from which it is told where English has fewer."""
_LONG: Final = 25
"""Words from which a text has small words of its language in it."""
_FEW: Final = 0.08
"""Share of small words below which a long text is not in a language."""


def language_of(text: str, among: Collection[str] = ()) -> str:
    """The English name of the language of `text`; English where a short text tells of none, `UNTOLD` for a long one.

    Args:
        among: the languages that it may be in; any that can be told where it is empty.
    """
    if not among and _strange_letters(text) > 0.5:
        return UNTOLD
    hits, length = small_words(text, among), len(words_of(text))
    best = max(hits, key=hits.__getitem__)
    if hits[best] > hits.get(_ENGLISH, 0) and hits[best] >= (1 if among else _LEAD):
        return best
    known = among or length < _LONG or hits[best] >= _FEW * length
    return _ENGLISH if known else UNTOLD


def small_words(text: str, among: Collection[str] = ()) -> Mapping[str, int]:
    """How many of each language's commonest small words stand in `text`."""
    counted = Counter(words_of(text))
    return {name: sum(counted[word] for word in small) for name, small in _small(frozenset(among)).items()}


def _strange_letters(text: str) -> float:
    """Share of the letters that are of no Latin alphabet."""
    if text.isascii():
        return 0.0
    letters = [sign for sign in text if sign.isalpha()]
    return sum(ord(sign) >= 0x0370 for sign in letters) / len(letters) if letters else 0.0


@cache
def _small(among: frozenset[str]) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(text.split()) for name, text in _SMALL.items() if not among or name in among}
