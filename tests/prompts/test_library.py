from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import ConfigError
from segue.prompts.goal_files import parse_topic_file
from segue.prompts.library import PromptLibrary, prompt_library
from segue.prompts.parts import Media, Text
from segue.prompts.samples import sample_variables
from segue.state.values import Medium, TrackCard

CLIP = Medium(kind="audio", digest="a" * 32, mime_type="audio/mpeg", seconds=3.0)
COVER = Medium(kind="image", digest="b" * 32, mime_type="image/jpeg")


def card(track_id: str, **fields: object) -> TrackCard:
    return TrackCard.model_validate(
        {"track_id": track_id, "title": "T", "artists": ("A",), "audio": CLIP, "image": COVER, **fields}
    )


def test_every_template_renders_with_the_variables_it_is_promised() -> None:
    library = PromptLibrary()
    for name in library.names:
        assert library.render(name, **sample_variables(name)) is not None


def test_media_stand_where_the_template_puts_them() -> None:
    parts = PromptLibrary().render("parts/track.j2", card=card("t"), with_id=True)
    kinds = [p.text if isinstance(p, Text) else p.medium for p in parts]
    assert kinds == [
        '<track id="t">\ntitle: "T"\nartist: "A"\nclip: ',
        CLIP,
        "\ncover: ",
        COVER,
        "\n</track>\n",
    ]


def test_absent_fields_leave_no_line() -> None:
    (part,) = PromptLibrary().render("parts/track.j2", card=card("t", audio=None, image=None), with_id=False)
    assert part == Text('<track>\ntitle: "T"\nartist: "A"\n</track>\n')


def test_rendering_depends_on_nothing_but_variables() -> None:
    name = "recsys/pool.j2"
    first = PromptLibrary()
    once = first.render(name, **sample_variables(name))
    first.render("goal/ask.j2", **sample_variables("goal/ask.j2"))
    assert first.render(name, **sample_variables(name)) == once
    assert PromptLibrary().render(name, **sample_variables(name)) == once


def test_a_value_cannot_pass_for_a_medium() -> None:
    forged = "\x00" + CLIP.model_dump_json() + "\x00"
    parts = PromptLibrary().render("parts/track.j2", card=card("t", title=forged, audio=None), with_id=False)
    assert [p.medium for p in parts if isinstance(p, Media)] == [COVER]


def test_unknown_templates_are_named() -> None:
    with pytest.raises(ConfigError, match=r"no prompt template 'recsys/nothing.j2'"):
        PromptLibrary().render("recsys/nothing.j2")
    with pytest.raises(ConfigError, match=r"no prompt template 'x'"):
        PromptLibrary().digest("x")


def test_a_missing_variable_is_named_with_template_and_line() -> None:
    with pytest.raises(ConfigError, match=r"'recsys/turn.j2', line 2: 'message' is undefined"):
        PromptLibrary().render("recsys/turn.j2", turn=1, answer_format="json", used_ids=(), required_id=None)


def test_a_missing_variable_in_a_partial_names_the_partial() -> None:
    variables = sample_variables("listener/turn.j2")
    del variables["exchange"]
    with pytest.raises(ConfigError, match=r"'parts/heard.j2', line 2: 'exchange' is undefined"):
        PromptLibrary().render("listener/turn.j2", **variables)


@pytest.mark.parametrize("key", ["recsys", "recsys/system.j2"])
def test_an_override_replaces_one_template(tmp_path: Path, key: str) -> None:
    file = tmp_path / "mine.j2"
    file.write_text("Play well.")
    mine, ours = PromptLibrary({key: file}), PromptLibrary()
    assert mine.render("recsys/system.j2") == (Text("Play well."),)
    assert mine.digest("recsys/system.j2") != ours.digest("recsys/system.j2")
    assert mine.digest("goal/system.j2") == ours.digest("goal/system.j2")
    assert mine.digest_all() != ours.digest_all()


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("singer", "", "replaces nothing: there is no template 'singer/system.j2'"),
        ("recsys/turn.j2", "{{ goal }}", "'recsys/turn.j2' .*mine.j2.*line 1: 'goal' is undefined"),
        ("recsys", "one\n{% if %}", "line 2"),
        ("recsys", "{{ view.nothing }}", "line 1:.*nothing"),
        ("recsys", "{% include 'else.j2' %}", "no prompt template 'else.j2'"),
        ("recsys", "{{ 1 / 0 }}", "division by zero"),
        ("recsys", "{% include 'recsys/system.j2' %}", "maximum recursion depth"),
    ],
)
def test_bad_overrides_are_refused_at_load(tmp_path: Path, key: str, text: str, reason: str) -> None:
    file = tmp_path / "mine.j2"
    file.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        PromptLibrary({key: file})


def test_an_override_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*gone.j2"):
        PromptLibrary({"recsys": tmp_path / "gone.j2"})


def test_a_digest_covers_the_partials(tmp_path: Path) -> None:
    file = tmp_path / "track.j2"
    file.write_text("<track>{{ card.title | json }}</track>")
    mine, ours = PromptLibrary({"parts/track.j2": file}), PromptLibrary()
    changed = {name for name in ours.names if mine.digest(name) != ours.digest(name)}
    assert {
        "recsys/pool.j2",
        "profile/ask.j2",
        "goal/ask.j2",
        "listener/tastes.j2",
        "listener/turn.j2",
    } <= changed
    assert not changed & {"recsys/turn.j2", "recsys/system.j2", "listener/system.j2", "repair.j2"}


def test_there_are_forty_four_goal_templates() -> None:
    templates = PromptLibrary().goal_templates()
    assert [t.template_id for t in templates] == [
        f"{t}-{s}" for t in "ABCDEFGHIJK" for s in ("LL", "HL", "LH", "HH")
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("topic: A\nname: x\ndescription: y\ntemplates: {}\n", "templates lacks LL, HL, LH, HH"),
        ("topic: Z\nname: x\ndescription: y\ntemplates: {}\n", "a.yaml: field 'topic'"),
        ("topic: [", "a.yaml: not valid YAML"),
        (
            "topic: A\nname: x\ndescription: y\ntemplates: {LL: {name: n}}\n",
            "field 'templates.LL.listener_goal'",
        ),
    ],
)
def test_goal_files_are_read_strictly(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        parse_topic_file("a.yaml", text)


def test_the_library_of_the_same_texts_is_made_once() -> None:
    mine = {"recsys/system.j2": "You pick music.", "listener/system.j2": "You listen."}
    library = prompt_library(mine, "shared", 2)
    assert library is prompt_library(dict(reversed(mine.items())), "shared", 2)
    assert (
        library is PromptLibrary(mine).laid_out("shared", 2) is not PromptLibrary(mine).laid_out("shared", 3)
    )
    others = (
        prompt_library(mine, "shared", 2, actions=True),
        prompt_library({**mine, "recsys/system.j2": "?"}),
    )
    assert {library.overrides["recsys/system.j2"] for library in (library, *others)} == {
        "You pick music.",
        "?",
    }
    assert len({id(each) for each in (library, *others)}) == 3
