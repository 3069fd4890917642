"""Pages beside the API: what is served, and that nothing of it is fetched from elsewhere."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from registan.app import compose
from registan.contract.message import Request
from registan.contract.openapi import document
from registan.contract.routes import ROUTES
from registan.http.pages import docs_pages
from registan.settings.tree import Settings
from registan.store.memory import MemoryStore

PAGES = docs_pages()


def get(path: str, method: str = "GET"):
    return PAGES[path.encode()](Request(method, path.encode(), b"", [], b""))


def test_both_forms_of_the_description_say_the_same():
    told = json.loads(get("/openapi.json").body)
    assert told == yaml.safe_load(get("/openapi.yaml").body)
    assert told["paths"] == json.loads(json.dumps(document(ROUTES, "x")["paths"]))


@pytest.mark.parametrize("path", ["/docs", "/docs/docs.js", "/docs/docs.css"])
def test_files_come_with_a_strict_policy(path):
    headers = dict(get(path).headers)
    assert b"default-src 'none'" in headers[b"Content-Security-Policy"]
    assert b"unsafe" not in headers[b"Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/docs", "/docs/docs.js", "/docs/docs.css"])
def test_files_name_no_other_host(path):
    text = get(path).body.decode()
    assert not re.search(r"https?://|//[a-z0-9.-]+\.[a-z]{2,}/", text)


def test_the_page_needs_nothing_that_the_policy_forbids():
    text = get("/docs").body.decode()
    assert "<style" not in text
    assert " style=" not in text
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert not re.search(r" on\w+=", text)
    assert "innerHTML" not in get("/docs/docs.js").body.decode()


def test_what_the_page_asks_for_is_there():
    asked = re.findall(r'(?:href|src)="([^"]+)"', get("/docs").body.decode())
    assert {"docs/docs.css", "docs/docs.js", "openapi.json", "openapi.yaml"} == set(asked)
    assert all(get(f"/{path}").status == 200 for path in asked)


def test_a_trailing_slash_leads_back():
    response = get("/docs/")
    assert (response.status, response.headers) == (308, ((b"Location", b"../docs"),))


async def test_only_reading_is_allowed_and_other_paths_are_nothing():
    app = compose(Settings(), MemoryStore())
    await app.instance.start(follow=False)
    try:
        posted = await app.answers(Request("POST", b"/docs", b"", [], b""))
        other = await app.answers(Request("GET", b"/docs/other", b"", [], b""))
    finally:
        await app.instance.stop()
    assert posted.status == 405
    assert other.status == 404
