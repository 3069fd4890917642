"""The runner of recorded conversations: what it sends, and when it is content."""

from __future__ import annotations

import json

import pytest

from registan.testing.wire_kit import Got, Sent, Step, load, play, same

V1 = "application/vnd.schemaregistry.v1+json"


def step(index: int = 0, **fields) -> Step:
    answer = fields.pop("answer", {"status": 200, "headers": {}, "body": []})
    return Step(index=index, **{"method": "GET", "path": "/x", **fields}, answer=answer)


class Server:
    """Answers the same to everything, and remembers what was sent."""

    def __init__(self, body: object = None, status: int = 200, headers: dict | None = None) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.got = Got(status, headers or {}, raw)
        self.sent: list[Sent] = []

    async def __call__(self, sent: Sent) -> Got:
        self.sent.append(sent)
        return self.got


async def test_agreement_is_no_difference() -> None:
    assert await play([step()], Server([])) == []


@pytest.mark.parametrize(
    ("server", "what"),
    [
        (Server([], status=404), "status"),
        (Server([], headers={"allow": "GET"}), "allow"),
        (Server([1]), "body"),
        (Server(b"no json"), "body"),
    ],
)
async def test_a_difference_names_what_differs_first(server: Server, what: str) -> None:
    (difference,) = await play([step()], server)
    assert difference.what == what
    assert str(difference).startswith("step 0: GET /x")


async def test_a_step_without_an_answer_is_sent_and_may_be_answered_anyhow_but_with_a_server_error() -> None:
    server = Server([], status=404)
    assert await play([step(answer=None)], server) == []
    assert len(server.sent) == 1
    (difference,) = await play([step(answer=None)], Server([], status=500))
    assert difference.what == "status"


async def test_where_the_recorded_server_failed_anything_but_that_will_do() -> None:
    answer = {"status": 500, "headers": {}}
    assert await play([step(answer=answer, fault=True)], Server([], status=422)) == []
    assert await play([step(answer=answer, fault=True)], Server([], status=500)) != []


async def test_names_saved_from_a_reply_are_filled_in_later() -> None:
    server = Server({"id": 7})
    first = step(save={"n": "id"}, answer=None)
    later = step(
        1, path="/y/${n}", body='{"v":"${n}"}', answer={"status": 200, "headers": {}, "body": {"id": 7}}
    )
    assert await play([first, later], server) == []
    assert (server.sent[1].path, server.sent[1].body) == ("/y/7", b'{"v":"7"}')


async def test_a_body_has_a_content_type_unless_the_step_says_another() -> None:
    server = Server([])
    await play([step(body="{}"), step(body="{}", headers={"content-type": "a/b"}), step()], server)
    assert [sent.headers for sent in server.sent] == [{"Content-Type": V1}, {"content-type": "a/b"}, {}]


async def test_steps_apart_are_sent_last() -> None:
    server = Server([])
    await play([step(0, path="/a"), step(1, path="/b"), step(2, path="/c")], server, apart={0, 1})
    assert [sent.path for sent in server.sent] == ["/c", "/a", "/b"]


@pytest.mark.parametrize(
    ("expected", "got", "verdict"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        (1, True, False),
        (1, 1.0, False),
        ("<ms>", 1_700_000_000_000, True),
        ("<ms>", "1", False),
        ("at <own>!", "at here!", True),
        ("at <own>!", "at !", False),
        ("Invalid schema {a}, details: one", "Invalid schema {a}, details: another", True),
        ("Invalid schema {a}, details: one", "Invalid schema {b}, details: one", False),
        ("Empty schema", "empty schema", False),
    ],
)
def test_what_counts_as_the_same(expected: object, got: object, *, verdict: bool) -> None:
    assert same([expected], [got]) is verdict


async def test_pages_and_bare_errors_are_expected_as_errors_that_say_what_they_are() -> None:
    page = {
        "status": 400,
        "headers": {"content-type": "text/html;charset=iso-8859-1"},
        "text": "<tr><th>MESSAGE:</th><td>Bad Request</td></tr>",
    }
    ours = Server({"error_code": 400, "message": "Bad Request"}, 400, {"content-type": V1})
    assert await play([step(answer=page)], ours) == []
    bare = {"status": 405, "headers": {}, "body": {"error_code": 405, "message": "m"}}
    named = Server({"error_code": 405, "message": "m"}, 405, {"content-type": V1, "allow": "GET"})
    assert await play([step(answer=bare)], named) == []


def test_a_recording_is_read_with_themes_left_out_and_counted(tmp_path) -> None:
    path = tmp_path / "r.json"
    steps = [
        {"scenario": "theme"},
        {"method": "PUT", "path": "/a", "body": {"é": 1}},
        {"method": "PUT", "path": "/a", "raw": "{ }", "recorded_fault": 500},
    ]
    path.write_text(json.dumps({"steps": steps}))
    first, second = load(path)
    assert (first.index, first.body, first.answer, first.fault) == (1, '{"é": 1}', None, False)
    assert (second.index, second.body, second.fault) == (2, "{ }", True)
