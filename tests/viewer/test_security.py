"""Who may ask the pages, and what a page may do in a browser."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient
from support.viewer.viewing import HOST


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", f"{HOST}.evil.example", ""])
def test_another_name_of_this_machine_is_refused(pages: TestClient, host: str) -> None:
    answer = pages.get("/threads", headers={"host": host})
    assert (answer.status_code, answer.text) == (403, "This server answers by its own name alone.\n")


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_another_site_changes_nothing(pages: TestClient, origin: str | None) -> None:
    answer = pages.post("/threads", headers={} if origin is None else {"origin": origin})
    assert (answer.status_code, answer.text) == (
        403,
        "Only a page of this server may change something here.\n",
    )


def test_a_page_of_this_server_is_let_through(pages: TestClient) -> None:
    assert pages.post("/threads", headers={"origin": f"http://{HOST}"}).status_code == 405


@pytest.mark.parametrize("path", ["/threads", "/runs", "/nothing", "/static/base.css", "/media/0"])
def test_every_answer_says_what_it_may_do(pages: TestClient, path: str) -> None:
    headers = pages.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/threads", "/runs", "/nothing"])
def test_no_page_holds_a_script_or_a_style_of_its_own(pages: TestClient, path: str) -> None:
    page = pages.get(path).text
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<[^>]*\son\w+=", page)
    assert all(part.startswith(' src="/static/') for part in page.split("<script")[1:])


@pytest.mark.parametrize(
    "path", ["/media/..%2f..%2fsegue.db", "/media/%2e%2e", "/media/zz", "/static/../app.py"]
)
def test_no_path_leads_to_a_file_outside_of_media(pages: TestClient, path: str) -> None:
    assert pages.get(path).status_code == 404
