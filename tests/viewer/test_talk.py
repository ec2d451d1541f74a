"""A conversation with a trained model on a page."""

from __future__ import annotations

import re

import pytest
from segue import OpenStore, TalkPlayTalk
from segue.core.errors import InputError, NotFoundError
from segue.viewer.talks import MOST_CHARACTERS, Talks
from starlette.testclient import TestClient
from support.hostile import TEXTS
from support.recommenders.untrained import few_cards, untrained_model
from support.viewer.viewing import HOST, pages_of

for _name in ("torch", "transformers", "faiss", "wordllama"):
    pytest.importorskip(_name, reason="TalkPlay needs the extra talkplay")

CARDS = few_cards()
OWN = {"origin": f"http://{HOST}"}


@pytest.fixture(scope="module", name="talking")
def _talking(tmp_path_factory: pytest.TempPathFactory) -> TalkPlayTalk:
    from segue.recommenders.talkplay.recommender import TalkPlayRecommender

    folder = tmp_path_factory.mktemp("model")
    untrained_model(folder, CARDS)
    return TalkPlayTalk(TalkPlayRecommender(str(folder)), CARDS)


@pytest.fixture(name="talks")
def _talks(talking: TalkPlayTalk) -> Talks:
    return Talks("a <model>", talking)


@pytest.fixture(name="talk_pages")
def _talk_pages(store: OpenStore, talks: Talks) -> TestClient:
    return pages_of(store, talks=talks)


def say(pages: TestClient, message: str, path: str = "/talk") -> tuple[str, str]:
    """(path of the conversation, its page)."""
    token = re.findall(r'name="token" value="([^"]+)"', pages.get("/talk").text)[0]
    answer = pages.post(path, data={"token": token, "message": message}, headers=OWN)
    assert answer.status_code == 200
    return answer.url.path, answer.text


def test_each_message_is_answered_with_a_track_and_its_tokens(talk_pages: TestClient) -> None:
    first = talk_pages.get("/talk").text
    assert "a &lt;model&gt;" in first and '<a href="/talk" aria-current="page">Talk</a>' in first
    path, once = say(talk_pages, "something calm")
    again, twice = say(talk_pages, "by somebody else", path)
    assert again == path and talk_pages.get(path).text == twice
    assert once.count('class="turn"') == 1 and twice.count('class="turn"') == 2
    assert "something calm" in twice and twice.count("&lt;start_of_music&gt;") == 2
    played = re.findall(r'class="played"><b>\s*<span[^>]*>([^<]+)', twice)
    assert len(set(played)) == 2 and set(played) <= {card.title for card in CARDS}


def test_conversations_do_not_know_of_one_another(talk_pages: TestClient) -> None:
    (one, page), (two, other) = say(talk_pages, "something calm"), say(talk_pages, "something calm")
    assert one != two and page.replace(one, two) == other


@pytest.mark.parametrize("text", [*TEXTS, "<script>alert(1)</script>", "\u202eevil"])
def test_hostile_texts_are_text(talk_pages: TestClient, text: str) -> None:
    _, page = say(talk_pages, f"x{text}"[:MOST_CHARACTERS])
    assert "<script>alert" not in page and "\u202e" not in page and "<img src=x" not in page


def test_what_cannot_be_said_is_told(talk_pages: TestClient) -> None:
    token = re.findall(r'name="token" value="([^"]+)"', talk_pages.get("/talk").text)[0]
    for message, told in ((" ", "the message is empty"), ("a" * 2001, "2,001 characters")):
        answer = talk_pages.post("/talk", data={"token": token, "message": message}, headers=OWN)
        assert answer.status_code == 400 and told in answer.text
    asked = {"token": token, "message": "hello"}
    assert talk_pages.post("/talk/nowhere", data=asked, headers=OWN).status_code == 404
    assert talk_pages.get("/talk/nowhere").status_code == 404


def test_only_a_page_of_this_server_may_say_something(talk_pages: TestClient, talks: Talks) -> None:
    asked = {"message": "hello"}
    assert talk_pages.post("/talk", data=asked, headers=OWN).status_code == 403, "without the token"
    token = re.findall(r'name="token" value="([^"]+)"', talk_pages.get("/talk").text)[0]
    elsewhere = {"origin": "http://evil.example"}
    assert talk_pages.post("/talk", data={**asked, "token": token}, headers=elsewhere).status_code == 403
    assert talk_pages.post("/talk", data={**asked, "token": token}).status_code == 403, "without an origin"


def test_without_a_model_there_is_no_such_page(pages: TestClient) -> None:
    answer = pages.get("/talk")
    assert answer.status_code == 404 and "segue view --talkplay DIR" in answer.text
    assert 'href="/talk"' not in pages.get("/threads").text


def test_so_many_conversations_are_held_and_no_more(talking: TalkPlayTalk) -> None:
    talks = Talks("model", talking, most=2)
    names = [talks.say("hello") for _ in range(3)]
    with pytest.raises(NotFoundError, match="no such conversation"):
        talks.find(names[0])
    assert len(talks.find(names[1]).turns) == 1


def test_a_conversation_ends_when_every_track_was_played(talking: TalkPlayTalk) -> None:
    talks = Talks("model", TalkPlayTalk(talking.chair, CARDS[:2]))
    name = talks.say("hello")
    talks.say("more", name)
    with pytest.raises(InputError, match="every track was played"):
        talks.say("more", name)
    assert len({turn.answer.track.track_id for turn in talks.find(name).turns}) == talks.tracks == 2
