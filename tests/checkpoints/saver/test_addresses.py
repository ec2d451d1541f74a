"""Addresses of stores: no part of a password in anything that is said, whatever form the address has."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.checkpoints.saver.database.dialects import parse_url, store_error
from segue.core.addresses import without_password
from segue.core.errors import ConfigError

SECRET = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=5, max_size=12).map(
    "S3".__add__
)
ODD = st.sampled_from(["", "/", "@", "#", "?", ":", "%", "%40", "[", "]", " ", "//", "@@"])
FORMS = (
    "postgresql://u:{0}@h/db",
    "postgresql://u:{0}@h:port/db",
    "postgresql:///db?host=h&user=u&password={0}",
    "postgresql://h/db?password={0}&password={0}",
    "mysql://u:{0}@h/db",
    "postgresql://u:{0}@h:99999999999/db",
    "u:{0}@h",
    "postgresql:/u:{0}@h",
    "//u:{0}@h/db",
    "postgresql//u:{0}@h/db",
    "h/db?password={0}",
)


@given(form=st.sampled_from(FORMS), parts=st.tuples(SECRET, ODD, SECRET))
def test_no_part_of_a_password_is_said(form: str, parts: tuple[str, str, str]) -> None:
    try:
        parsed = parse_url(form.format("".join(parts)))
    except ConfigError as error:
        said = "".join(traceback.format_exception(error)) + str(error.hint)
    else:
        failure = store_error(RuntimeError(f"no login with {parsed.password} at {parsed.host}"), parsed)
        said = str(failure) + parsed.render_as_string(hide_password=True)
        said += without_password(form.format("".join(parts)))
    said = said.replace(form, "")
    assert parts[0] not in said and parts[2] not in said


@pytest.mark.parametrize("address", ["u:s3cr/et@h/db", "u:sec@ret@h/db", "u:s#t@h/db"])
def test_what_must_be_encoded_is_named(address: str) -> None:
    with pytest.raises(ConfigError, match=r"password seems to hold @, / or #") as told:
        parse_url(f"postgresql://{address}")
    assert "%40" in str(told.value.hint)


def test_a_short_password_is_not_told_by_its_mask() -> None:
    failure = store_error(RuntimeError("please wait"), parse_url("postgresql://u:p@h/db"))
    assert "please wait" in str(failure)


def test_a_password_in_the_query_is_hidden_and_used() -> None:
    parsed = parse_url("postgresql:///db?host=h&user=u&password=s3cret")
    assert parsed.password == "s3cret" and "s3cret" not in parsed.render_as_string(hide_password=True)
