"""What is known on each turn of a conversation, and where it ends before a track that is held out."""

from __future__ import annotations

from support.state.talks import small_items, talk


def test_a_turn_knows_what_was_said_up_to_it_and_played_before_it() -> None:
    queries = list(talk("a", [3, None, 5]).queries(small_items()))
    assert [query.played for query in queries] == [(), (3,), (3, None)]
    assert queries[2].said == ("some rock please",) * 0 + (
        "some soul please",
        "some jazz please",
        "some rock please",
    )
    assert queries[2].replied == ("here is number 3", "here is number None")
    assert queries[2].heard == (3,)


def test_a_track_that_the_table_lacks_stands_as_none() -> None:
    assert [query.played for query in talk("a", [30, 1]).queries(small_items())] == [(), (None,)]


def test_a_conversation_ends_before_what_is_held_out() -> None:
    whole = talk("a", [1, 2, 3])
    assert whole.before(frozenset({"t3"})).tracks() == ("t1", "t2")
    assert whole.before(frozenset({"t9"})) is whole
