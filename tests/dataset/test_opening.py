"""Opening: what files hold is what comes out, and what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import CatalogError
from segue.dataset.opening import open_dataset
from support.catalog.sources import shared
from support.published import made_row, real_rows, write_rows


def test_real_rows_come_out_as_they_are() -> None:
    opened = open_dataset(shared("talkplay2-rows"))
    assert list(opened.rows()) == real_rows()
    assert sum(opened.splits.values()) == len(real_rows()) == 17
    assert dict(opened.tracks()) == {} == dict(opened.extras())


def test_a_row_without_a_field_does_not_get_it(tmp_path: Path) -> None:
    row = made_row()
    del row["session_date"], row["conversations"][1]["thought"], row["user_profile"]["age"]
    read = next(open_dataset(write_rows(tmp_path / "train.jsonl", [row])).rows())
    assert "session_date" not in read and "age" not in read["user_profile"]
    assert [("thought" in message) for message in read["conversations"][:3]] == [True, False, True]


def test_each_file_is_a_split(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", [made_row("a__2018-01-01"), made_row("b__2018-01-01")])
    write_rows(tmp_path / "test-00000-of-00001.jsonl", [made_row("c__2019-01-01")])
    opened = open_dataset(tmp_path)
    assert dict(opened.splits) == {"train": 2, "test": 1}
    assert [row["session_id"] for row in opened.rows("test")] == ["c__2019-01-01"]


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("{", 2, None),
        ("[1]", 2, None),
        ('{"session_id": "a"}', 2, "conversations"),
        ('{"session_id": 5, "conversations": []}', 2, "session_id"),
        (
            '{"session_id": "a", "conversations": [{"turn_number": "1", "role": "user", "content": "x"}]}',
            2,
            "conversations.0.turn_number",
        ),
        (
            '{"session_id": "a", "conversations": [{"turn_number": 1, "role": "dj", "content": "x"}]}',
            2,
            "conversations.0.role",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, line: int, field: str | None) -> None:
    file = write_rows(tmp_path / "rows.jsonl", [made_row()])
    file.write_text(file.read_text("utf-8") + text + "\n", encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        list(open_dataset(file).rows())
    assert (caught.value.file, caught.value.line, caught.value.field) == (file, line, field)


def test_nothing_known_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(CatalogError, match="holds no conversations") as caught:
        open_dataset(tmp_path)
    assert "segue export" in str(caught.value)
    with pytest.raises(CatalogError, match="no such file"):
        open_dataset(tmp_path / "nowhere")


def test_a_file_that_only_claims_to_be_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(CatalogError, match=r"train\.parquet: cannot be read as parquet"):
        open_dataset(tmp_path)
