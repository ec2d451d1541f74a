"""The rules of the offline judge: one for each aspect, each a grade from 1 to 4 and the reason for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from ....core.text import words_of
from ....sessions.languages import ENGLISH
from ..facts import TrackFacts, key_of
from ..grammar import load_words
from ..understanding import Heard, understand
from ..wishes import Wish
from .material import Material

Grade = tuple[int | None, str]
"""None where the data do not tell: what cannot be perceived gets no grade."""

_UNTOLD = "The data do not tell of anything that {what} for."

_QUOTED = re.compile(r"[“\"]([^“”\"]{2,90})[”\"]")
_BPM = re.compile(r"\b(\d{2,3})(?:\.\d)? ?BPM\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]+(?: (?:[a-z]{1,3} )?[A-ZÀ-ÖØ-Þ][\w’'&-]+)*")
_ODD = re.compile(r"thought:|track_id|\bpool\b|</?[a-z]+>|\{|\}", re.IGNORECASE)
_ENDS = re.compile(r"(?<=[.!?]) ")
_LONG = 90


def label_truth(material: Material, place: int) -> Grade:
    """Whether the label agrees with how much of the goal the track has."""
    turn = material.turns[place]
    share = _share(material.criteria, turn.track) if turn.track is not None else None
    if turn.track is None or share is None:
        return None, _UNTOLD.format(what="the goal asks")
    moves = "not" not in turn.label
    clear = share >= 0.75 or share <= 0.25
    said = f"“{turn.track.title}” has {share:.0%} of what the goal asks for, and the label says "
    said += "that it moves there." if moves else "that it does not."
    if (share >= 0.5) == moves:
        return (4 if clear or share == 0.5 else 3), said
    return (1 if clear else 2), said


def listener_thought(material: Material, place: int) -> Grade:
    """Whether the thought speaks of the track just heard and of what is then asked."""
    turn = material.turns[place]
    before = material.turns[place - 1].recsys if place else ""
    return _thought(turn.listener_thought, turn.listener, before, material.languages[place])


def recsys_thought(material: Material, place: int) -> Grade:
    """Whether the thought speaks of the track of the reply and of the request."""
    turn = material.turns[place]
    return _thought(turn.recsys_thought, turn.recsys, turn.listener, material.languages[place])


def _thought(thought: str, after: str, before: str, language: str) -> Grade:
    if len(words_of(thought)) < 3:
        return 1, "There is hardly a thought."
    names = _names(thought)
    there = _names(after) | _names(before)
    shared = _content(thought, language) & (_content(after, language) | _content(before, language))
    if names and not names & there:
        return 1, f"It speaks of {min(names)}, and neither the words before nor those after do."
    if names & there:
        return (4 if len(shared) >= 2 else 3), f"Thought and talk both speak of {min(names & there)}."
    if len(shared) >= 2:
        return 4, f"It shares {', '.join(sorted(shared)[:3])} with what is said."
    return (
        (3, f"It shares {min(shared)} with what is said.") if shared else (2, "It could stand at any turn.")
    )


def listener_form(material: Material, place: int) -> Grade:
    """How whole the listener's message is, as language."""
    return _form([turn.listener for turn in material.turns], place, material.languages[place])


def recsys_form(material: Material, place: int) -> Grade:
    """How whole the recsys's message is, as language."""
    return _form([turn.recsys for turn in material.turns], place, material.languages[place])


def _form(texts: Sequence[str], place: int, language: str) -> Grade:
    text = texts[place].strip()
    words = words_of(text)
    if len(words) < 2:
        return 1, "There are hardly any words."
    if _ODD.search(text):
        return 1, "It holds words that belong to the machinery."
    whole = text[-1] in ".!?…)”\"'’"
    if not whole and (words[-1] in _words("hanging", language) or text[-1] in ",;:–—-"):
        return 1, f"It breaks off after “{words[-1]}”."
    if text.count("“") != text.count("”") or text.count('"') % 2:
        return 1, "A quotation opens and does not close, or the other way round."
    if _repeats(texts, place, language):
        return 2, "It says over what was said in an earlier turn."
    if len(words) > _LONG:
        return 2, f"{len(words)} words are a lecture."
    return (
        (4, "It is whole and reads naturally.")
        if whole
        else (3, "It is understandable, without an end mark.")
    )


def _repeats(texts: Sequence[str], place: int, language: str) -> bool:
    """Whether the words of an earlier message come again, or one of its longer sentences does."""
    own, sentences = _content(texts[place], language), _sentences(texts[place])
    for text in texts[:place]:
        other = _content(text, language)
        if sentences & _sentences(text) or (own and len(own & other) / len(own | other) > 0.9):
            return True
    return False


def _sentences(text: str) -> set[str]:
    return {key for piece in _ENDS.split(text) if len((key := key_of(piece)).split()) > 7}


def helpfulness(material: Material, place: int) -> Grade:
    """Whether the message asks for something, and whether the goal asks for it too."""
    heard = _heard(material, place)
    if not heard.wishes:
        if heard.other_artist:
            return 3, "It asks for somebody else, and for nothing in particular."
        return 2, "It names nothing that could be looked for."
    named = {_wish_key(wish) for wish in heard.wishes}
    goal = str(material.goal.get("listener_goal"))
    asked = {_wish_key(wish) for wish in material.criteria} | _content(goal, ENGLISH)
    serves = {word for wish in named for word in (wish, *wish.split())} & asked
    if serves:
        return 4, f"It asks for {min(serves)}, which the goal wants."
    return 2, f"It asks for {min(named)}, which is no part of the goal."


def track_fit(material: Material, place: int) -> Grade:
    """How much of the request of this turn the track meets."""
    turn = material.turns[place]
    if turn.track is None:
        return 1, "No track was played."
    heard, earlier = _heard(material, place), material.turns[:place]
    played = {name for t in earlier if t.track for name in t.track.artists}
    last = next((t.track for t in reversed(earlier) if t.track), None)
    if heard.other_artist and last is not None and set(last.artists) & set(turn.track.artists):
        return 1, f"Somebody else was asked for, and {turn.track.artist} comes again."
    broken = [wish for wish in heard.refused if wish.met_by(turn.track)]
    if broken:
        return 1, f"{broken[0].text} was turned down, and the track has it."
    if not heard.wanted:
        again = bool(played & set(turn.track.artists))
        return (2 if again else 3), "The request is open" + (
            ", and the artist is an old one." if again else "."
        )
    share = _share(heard.wanted, turn.track)
    if share is None:
        return None, _UNTOLD.format(what="was asked")
    said = f"“{turn.track.title}” has {share:.0%} of what was asked for."
    return (4 if share > 0.99 else 3 if share >= 0.5 else 2 if share > 0 else 1), said


def truth(material: Material, place: int) -> Grade:
    """Whether the reply speaks of the track that is played, and gives its data right."""
    turn = material.turns[place]
    if turn.track is None:
        return 1, "No track was played."
    said, own = key_of(turn.recsys), [key_of(name) for name in (turn.track.title, *turn.track.artists)]
    others = {key_of(t.title) for t in material.tracks if t.title != turn.track.title}
    quoted = {key_of(text) for text in _QUOTED.findall(turn.recsys)}
    tempo = [int(number) for number in _BPM.findall(turn.recsys)]
    off = [n for n in tempo if turn.track.tempo is not None and abs(n - turn.track.tempo) > 3]
    if off:
        return 1, f"It speaks of {off[0]} BPM, the data of {turn.track.tempo:.0f}."
    if any(name and name in said for name in own):
        return 4, "It names the track or its artist, and nothing contradicts the data."
    strange = {text for text in quoted if text in others or f" {text} " not in turn.track.lyric_text}
    if strange:
        return 1, f"It quotes “{min(strange)}”, which is not of this track."
    names = _names(turn.recsys)
    if names:
        return 2, f"It speaks of {min(names)}; the track's data do not."
    return 3, "It makes hardly any claim about the track."


def plausibility(material: Material) -> Grade:
    """How many tracks of the pool meet the goal, against what its specificity says."""
    shares = _shares(material.criteria, material.pool)
    if not shares:
        return None, _UNTOLD.format(what="the goal asks")
    meeting, near = sum(share > 0.99 for share in shares), sum(share >= 0.5 for share in shares)
    few = str(material.goal.get("specificity", "LL"))[-1:] == "H"
    said = f"{meeting} of {len(material.pool)} tracks have all of it, {near} at least half."
    if meeting == 0:
        return (2 if near else 1), said
    if meeting > 0.6 * len(material.pool):
        return 2, said
    fits = meeting <= 4 if few else meeting >= 2
    return (4 if fits else 3), said


def suitability(material: Material) -> Grade:
    """Whether the inferred parts of the profile turn up in the tracks."""
    tracks = material.tastes
    artists = {key_of(name) for track in tracks for name in track.artists}
    tags = {word for track in tracks for tag in track.tags for word in (key_of(tag), *key_of(tag).split())}
    profile = {name: key_of(str(value)) for name, value in material.profile.items()}
    found = {
        "artist": profile.get("top_1_artist", "") in artists,
        "genre": bool({profile.get("top_1_genre", ""), *profile.get("top_1_genre", "").split()} & tags),
        "culture": bool(set(profile.get("preferred_musical_culture", "").split()) & tags),
    }
    right = [name for name, there in found.items() if there]
    said = f"Of artist, genre and culture the tracks bear out {', '.join(right) or 'none'}."
    return 1 + len(right), said


def fulfilment(material: Material) -> Grade:
    """How much of the goal the best track has."""
    shares = _shares(material.criteria, material.tracks)
    if not shares:
        return None, _UNTOLD.format(what="the goal asks")
    best, many = max(shares), sum(share > 0.99 for share in shares)
    open_goal = str(material.goal.get("specificity", "LL"))[-1:] == "L"
    said = f"The nearest track has {best:.0%} of it; {many} have all."
    if best > 0.99:
        return (4 if many >= 2 or not open_goal else 3), said
    return (3 if best >= 0.75 else 2 if best >= 0.34 else 1), said


def media_use(material: Material) -> Grade:
    """No grade: who reads data alone cannot tell whether the talk is true to sound and picture."""
    return None, "Clips and covers can be neither heard nor seen by rules on words."


def _share(wishes: Sequence[Wish], track: TrackFacts) -> float | None:
    """Share of the wishes, by weight, that the track meets, of those that its data tell of; None for none."""
    told = [wish for wish in wishes if wish.told_of(track)]
    if not told:
        return None
    return sum(w.weight for w in told if w.met_by(track) is w.wanted) / sum(w.weight for w in told)


def _shares(wishes: Sequence[Wish], tracks: Sequence[TrackFacts]) -> list[float]:
    """`_share` of those tracks that have one."""
    return [share for track in tracks if (share := _share(wishes, track)) is not None]


def _heard(material: Material, place: int) -> Heard:
    last = next((turn.track for turn in reversed(material.turns[:place]) if turn.track), None)
    vocabulary = material.vocabulary.in_language(material.languages[place])
    return understand(material.turns[place].listener, vocabulary, last)


def _wish_key(wish: Wish) -> str:
    return key_of(wish.text) if isinstance(wish.value, str) else f"{wish.kind} {wish.text}"


def _names(text: str) -> set[str]:
    """What is quoted, and words with a capital that do not begin a sentence."""
    found = {key_of(quoted) for quoted in _QUOTED.findall(text)}
    bare = _QUOTED.sub(" it ", text)
    for match in _NAME.finditer(bare):
        opens = bare[: match.start()].rstrip()[-1:] in {".", "!", "?", ":", "…", ""}
        if not opens and key_of(match.group()) not in ("i", ""):
            found.add(key_of(match.group()))
    return {name for name in found if name}


def _content(text: str, language: str) -> set[str]:
    """The words that carry meaning."""
    return {word for word in words_of(text) if len(word) > 2 and word not in _common(language)}


@cache
def _common(language: str) -> frozenset[str]:
    negators = [word for phrase in load_words("lexicon", language)["negators"] for word in words_of(phrase)]
    return _words("hanging", language) | _words("empty", language) | frozenset(negators)


@cache
def _words(symbol: str, language: str) -> frozenset[str]:
    return frozenset(load_words("judge", language)[symbol])
