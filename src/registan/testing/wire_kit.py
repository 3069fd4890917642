"""Recorded conversations, played against any registry that can be sent a request.

What lives here: how a recording is read, sent and compared. What never does: where the registry is
(`Send` knows), and which single steps do not agree (the caller's table).

    for difference in await play(load(path), in_process(app.answers)):
        print(difference)
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from registan.contract.message import Answer, Request, Response
from registan.contract.target import split_target
from registan.http.rejections import bad_target
from registan.model.fault import Refusal

V1_JSON = "application/vnd.schemaregistry.v1+json"

SERVER_FAULT = 500

COMPARED_HEADERS = ("content-type", "allow", "location")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the recording has it: the path still encoded, query included."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Got:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


Send = Callable[[Sent], Awaitable[Got]]
"""How a registry is reached."""

Expected = dict[str, Any]
"""`status`, `headers`, and `body` (JSON) or `text`, as recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a recording, and what was answered, if that was given."""

    index: int
    """Its place in the file, beginning with 0; themes count."""
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    save: dict[str, str] = field(default_factory=dict)
    """Name → field of the reply, for `${name}` in later steps."""
    answer: Expected | None = None
    fault: bool = False
    """The recorded server failed here: any answer but a server error will do."""


class Difference(NamedTuple):
    """A step that was answered otherwise than recorded."""

    step: Step
    path: str
    """As sent, names filled in."""
    what: str
    expected: object
    got: object

    def __str__(self) -> str:
        """Few lines for a person; of two objects only what differs."""
        expected, got = self.expected, self.got
        if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
            keys = [key for key in expected if not same(expected[key], got[key])]
            expected, got = {k: expected[k] for k in keys}, {k: got[k] for k in keys}
        return (
            f"step {self.step.index}: {self.step.method} {self.path[:150]} {_short(self.step.body or '')}\n"
            f"    {self.what}: expected {_short(expected)}\n"
            f"    {' ' * len(self.what)}       got {_short(got)}"
        )


def load(path: Path) -> list[Step]:
    """The steps of a recording."""
    steps = json.loads(path.read_text("utf-8"))["steps"]
    return [_step(index, step) for index, step in enumerate(steps) if "method" in step]


def _step(index: int, step: dict[str, Any]) -> Step:
    body = step.get("raw")
    if body is None and "body" in step:
        body = json.dumps(step["body"], ensure_ascii=False)
    return Step(
        index=index,
        method=step["method"],
        path=step["path"],
        headers=step.get("headers", {}),
        body=body,
        save=step.get("save", {}),
        answer=step.get("answer"),
        fault="recorded_fault" in step,
    )


async def play(steps: Iterable[Step], send: Send, apart: Container[int] = ()) -> list[Difference]:
    """Send all steps in order to an empty registry; what was answered otherwise, if anything.

    A step differs once, in what is looked at first: status, headers, body. Those in `apart` are sent at
    the end: they are answered otherwise on purpose, and leave behind what would disturb later ones.
    """
    saved: dict[str, str] = {}
    steps = list(steps)
    ordered = [s for s in steps if s.index not in apart] + [s for s in steps if s.index in apart]
    return [found for step in ordered if (found := await _play_one(step, send, saved)) is not None]


async def _play_one(step: Step, send: Send, saved: dict[str, str]) -> Difference | None:
    path = _filled(step.path, saved)
    body = _filled(step.body or "", saved).encode("utf-8", "surrogatepass")
    headers = {name: _filled(value, saved) for name, value in step.headers.items()}
    if body and "content-type" not in map(str.lower, headers):
        headers["Content-Type"] = V1_JSON
    got = await send(Sent(step.method, path, headers, body))
    for name, key in step.save.items():
        reply = _json(got.body)
        saved[name] = str(reply.get(key)) if isinstance(reply, dict) else ""
    for what, expected, actual in _compared(step, got, saved):
        return Difference(step, path, what, expected, actual)
    return None


def _filled(text: str, saved: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda match: saved.get(match[1], match[0]), text)


def _json(body: bytes) -> Any:  # noqa: ANN401
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _compared(step: Step, got: Got, saved: dict[str, str]) -> Iterable[tuple[str, object, object]]:
    """The ways in which the answer differs."""
    if got.status >= SERVER_FAULT:
        yield "status", "no server error", f"{got.status} {_json(got.body)}"
    if step.answer is None or step.fault:
        return
    expected = json.loads(_filled(json.dumps(step.answer), saved))
    if got.status != expected["status"]:
        yield (
            "status",
            f"{expected['status']} {expected.get('body')}",
            f"{got.status} {_json(got.body)}",
        )
    for name in COMPARED_HEADERS:
        wanted, actual = expected["headers"].get(name), got.headers.get(name)
        if wanted != actual:
            yield name, wanted, actual
    if "text" in expected:
        text = got.body.decode("utf-8", "replace")
        if text != expected["text"]:
            yield "text", expected["text"], text
    elif "body" in expected:
        actual = _json(got.body)
        if not same(expected["body"], actual):
            yield "body", expected["body"], actual
    elif got.body:
        yield "body", None, got.body


_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def same(expected: object, got: object) -> bool:
    """Whether two JSON values agree, the order of keys included.

    `<ms>` stands for any time, `<guid>` for any GUID, `<own>` for any text; the words of a parser inside a
    message may differ.
    """
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and list(expected) == list(got)
            and all(same(value, got[key]) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return isinstance(got, list) and len(expected) == len(got) and all(map(same, expected, got))
    if expected == "<ms>":
        return type(got) is int and got > 0
    if expected == "<guid>":
        return isinstance(got, str) and _GUID.fullmatch(got) is not None
    if isinstance(expected, str) and isinstance(got, str):
        return _same_text(expected, got)
    return type(expected) is type(got) and expected == got


def _same_text(expected: str, got: str) -> bool:
    if "<own>" in expected:
        pattern = ".+".join(map(re.escape, expected.split("<own>")))
        return re.fullmatch(pattern, got, re.DOTALL) is not None
    if expected.startswith("Invalid logical type schema: "):
        return got.startswith("Invalid logical type schema: ")
    if expected.startswith("Invalid schema ") and ", details: " in expected:
        # Behind the last "details" the parser speaks, and everybody's parser has words of its own.
        return got.startswith(expected[: expected.rindex(", details: ") + len(", details: ")])
    return expected == got


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 700 else f"{text[:700]}… ({len(text)} characters)"


def in_process(answer: Answer) -> Send:
    """Send to an instance of this process, without a socket."""

    async def send(sent: Sent) -> Got:
        response = await _answered(answer, sent)
        headers = {name.decode().lower(): value.decode() for name, value in response.headers}
        if response.content_type is not None:
            headers["content-type"] = response.content_type.decode()
        return Got(response.status, headers, b"" if sent.method == "HEAD" else response.body)

    return send


async def _answered(answer: Answer, sent: Sent) -> Response:
    try:
        path, query = split_target(sent.path.encode())
    except Refusal as refusal:
        return bad_target(sent.method, refusal.message)
    headers = [(name.lower().encode(), value.encode()) for name, value in sent.headers.items()]
    return await answer(Request(sent.method, path, query, headers, sent.body))
