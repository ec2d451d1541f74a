"""The offline model in Spanish: what it says is understood as it was meant, and nothing else is read as a wish."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from segue.core.errors import PromptError
from segue.core.language import UNTOLD, language_of
from segue.models.offline.facts import TrackFacts
from segue.models.offline.grammar import load_grammar, load_words, mends_of, tidy
from segue.models.offline.languages import FOLDERS, SPANISH, SPOKEN, languages_heard, spoken
from segue.models.offline.lexicon import RELATIVE, names_of, said_as, tag_wish, theme_wish
from segue.models.offline.phrases import quality, thing
from segue.models.offline.understanding import Vocabulary, understand
from segue.models.offline.wishes import Wish
from segue.models.offline.wording.spanish import feminine, plural

TAGS = (
    "melancholic",
    "jazz",
    "80s pop",
    "brazilian",
    "piano",
    "female vocalists",
    "dance floor",
    "deep cut",
    "grief",
)
CARD = TrackFacts(
    "a", "Puerto", ("Xu Qi",), "Otro Disco", None, TAGS, 100.0, None, (), 50.0, None, clip=False, cover=False
)  # fmt: skip
NONE = replace(CARD, title="Zzyzx", artists=("Zzyzx",), album=None, tags=(), tempo=None, popularity=None)
NAMES = Vocabulary.of([CARD], SPANISH)
NEUTRAL = {
    **dict.fromkeys(
        ("title", "own_title", "thing", "quality", "bare", "has", "missing", "lack", "bad", "bad_mood", "bad_kind",
         "bad_loose", "instrument", "line", "year"), "Zzyzx",
    ),
    "artist": "Xu Qi", "own_artist": "Xu Qi", "doing": "doblando la ropa", "when": "esta noche", "who": "mi padre",
    "where": "en un café del centro", "vague_when": "hace siglos", "recalled": "solo la oí una vez",
    "body": "se me movía el pie", "taste": "Xu Qi me salvó el mes pasado", "moment": "mes",
}  # fmt: skip


def test_no_words_of_its_own_are_read_as_wishes() -> None:
    words, names = load_grammar("seeking", language=SPANISH), Vocabulary.of([], SPANISH)
    for symbol in words.symbols:
        for seed in range(60):
            said = words.say(symbol, NEUTRAL, random.Random(seed))
            heard = understand(said, names, NONE)
            assert symbol in RELATIVE or heard.wishes == (), (symbol, said, heard)
            assert heard.afresh == (symbol in ("fresh", "afresh", "afresh_short")), (symbol, said)
            assert heard.other_artist <= (symbol == "other_artist"), (symbol, said)


@pytest.mark.parametrize("kind", RELATIVE)
def test_comparisons_are_understood(kind: str) -> None:
    last = replace(NONE, tempo=100.0, year=1990, popularity=50.0)
    for seed in range(30):
        said = load_grammar("seeking", language=SPANISH).say(
            kind, {**NEUTRAL, "year": "1990"}, random.Random(seed)
        )
        assert kind in {wish.kind for wish in understand(said, NAMES, last).wanted}, said


WISHES = [
    *map(tag_wish, TAGS), theme_wish("the sea"), theme_wish("summer"), Wish("decade", 1990.0), Wish("decade", 2010.0),
    Wish("year", 1994.0), Wish("bpm", 104.0), Wish("key", "F# major"), Wish("mode", "minor"), Wish("artist", "Xu Qi"),
    Wish("line", "casa de piedra gris"), Wish("album", "Otro Disco"), Wish("pace", "slow"), Wish("known", "little"),
    Wish("sung", "none"),
]  # fmt: skip


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: f"{wish.kind} {wish.value}")
def test_a_wish_is_understood_as_it_was_meant(wish: Wish) -> None:
    for seed in range(25):
        for said in (
            thing([wish], random.Random(seed), SPANISH),
            quality(wish, random.Random(seed), SPANISH),
        ):
            written = tidy(said, mends=mends_of(SPANISH))
            assert understand(f"{written}.", NAMES).wishes == (wish,), written


def test_no_two_tags_have_one_name() -> None:
    called: dict[str, str] = {}
    for tag in names_of(SPANISH):
        for form in said_as(tag, SPANISH):
            assert called.setdefault(form, tag) == tag, form


@pytest.mark.parametrize("name", ["doing", "when", "who", "where", "vague_when", "recalled", "body"])
def test_a_circumstance_is_never_a_wish(name: str) -> None:
    empty = Vocabulary.of([], SPANISH)
    for phrase in load_words("life", SPANISH)[name]:
        assert understand(f"Lo pienso, {phrase}, por cierto.", empty).wishes == (), phrase


@pytest.mark.parametrize(
    ("said", "wanted", "refused"),
    [
        ("Nada de jazz, por favor, algo con piano.", ["piano"], ["jazz"]),
        ("A “Zzyzx” le falta piano.", ["piano"], []),
        ("Una canción brasileña y melancólica de jazz.", ["brazilian", "melancholic", "jazz"], []),
        ("Menos jazz y más piano.", ["piano"], ["jazz"]),
    ],
)
def test_refusals_and_laments(said: str, wanted: list[str], refused: list[str]) -> None:
    heard = understand(said, NAMES, None)
    read = ({wish.text for wish in heard.wanted}, {wish.text for wish in heard.refused})
    assert read == (set(wanted), set(refused)), heard


def test_words_agree_and_contract() -> None:
    words = ("lento", "triste", "francés", "español", "juguetón", "con alma", "poco conocido")
    assert [feminine(word) for word in words] == [
        "lenta", "triste", "francesa", "española", "juguetona", "con alma", "poco conocida",
    ]  # fmt: skip
    assert [plural(word) for word in ("lento", "azul", "feliz", "francés")] == [
        "lentos",
        "azules",
        "felices",
        "franceses",
    ]
    assert (
        tidy("de el mar y indie a el “de el” sol", mends=mends_of(SPANISH))
        == "Del mar e indie al “de el” sol"
    )
    assert tidy("¿qué tal? ¡bien!") == "¿Qué tal? ¡Bien!"


def test_the_language_of_each_message_is_heard() -> None:
    said = ["More jazz, please.", "Los Lobos?", "¿Algo más con piano?", "“Der Mond”!"]
    assert languages_heard(said, ["Los Lobos"]) == ("English", "English", "Spanish", "Spanish")


def test_languages_are_those_that_are_told() -> None:
    assert tuple(FOLDERS) == SPOKEN
    with pytest.raises(
        PromptError, match="asks for Finnish, and the offline model speaks English and Spanish"
    ):
        spoken("Finnish")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I want something slow for the evening", "English"),
        ("quiero algo más lento para la noche", "Spanish"),
        ("ich hätte gern etwas, das mir Mut macht, und nicht so laut", "German"),
        ("je voudrais une chanson douce pour le soir", "French"),
        ("もっと静かな曲をお願いします", UNTOLD),
        ("Harp?", "English"),
        ("haluaisin jotain rauhallista " * 12, UNTOLD),
    ],
)
def test_a_language_is_told_by_its_small_words(text: str, language: str) -> None:
    assert language_of(text) == language
