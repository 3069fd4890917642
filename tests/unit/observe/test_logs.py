"""Log records as text and as JSON; one record is one line."""

import io
import json
import logging
import re
import sys
import warnings

import pytest

from registan.observe import logs
from registan.settings import Secret
from registan.settings.tree import Logging

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture(autouse=True)
def untouched():
    """Gives the root logger back as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    flags = logging.logThreads, logging.logProcesses, logging.logMultiprocessing
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    root.handlers = []
    yield
    logging.captureWarnings(False)
    root.handlers, level = before
    root.setLevel(level)
    logging.logThreads, logging.logProcesses, logging.logMultiprocessing = flags
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


def configured(**settings):
    stream = io.StringIO()
    logs.configure(Logging(**settings), stream)
    return stream


def test_text():
    stream = configured()
    extra = {"request_id": "r1", "route": "schema.get", "principal": "a b", "status": 200, "duration_ms": 1.5}
    logging.getLogger("registan.x").warning("took %d", 3, extra=extra)
    assert re.fullmatch(
        rf"{TIME} WARNING registan\.x: took 3 request_id=r1 route=schema\.get "
        r'principal="a b" status=200 duration_ms=1\.5\n',
        stream.getvalue(),
    )


class Raw(io.RawIOBase):
    """What gets to the operating system at once."""

    def __init__(self):
        self.written = []

    def writable(self):
        return True

    def write(self, chunk):
        self.written.append(bytes(chunk))
        return len(chunk)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_record_is_written_at_once(form):
    """As standard error is made: lines of several processes that share it do not mix."""
    raw = Raw()
    stream = io.TextIOWrapper(io.BufferedWriter(raw), line_buffering=True)
    logs.configure(Logging(format=form), stream)
    for number in range(3):
        try:
            raise ValueError("é" * 400)
        except ValueError:
            logging.getLogger("registan.x").exception("failed %d", number)
    assert len(raw.written) == 3
    assert all(f"failed {number}".encode() in chunk for number, chunk in enumerate(raw.written))


def test_json():
    stream = configured(format="json")
    extra = {"request_id": "r1", "status": 200, "duration_ms": 1.5, "unknown": "left out"}
    logging.getLogger("registan.x").info('say "%s"', "hi", extra=extra)
    made = json.loads(stream.getvalue())
    assert re.fullmatch(TIME, made.pop("time"))
    assert made == {
        "level": "info",
        "logger": "registan.x",
        "message": 'say "hi"',
        "request_id": "r1",
        "status": 200,
        "duration_ms": 1.5,
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_record_cannot_forge_a_line(form):
    stream = configured(format=form)
    logging.getLogger("x").error("one\ntwo\r\x1b[31m\u2028 \udcff", extra={"principal": "p\nq"})
    text = stream.getvalue()
    # readers of JSON lines split at line feeds only
    assert len(text.split("\n") if form == "json" else [*text.splitlines(), ""]) == 2
    assert "\x1b" not in stream.getvalue()
    stream.getvalue().encode()


@pytest.mark.parametrize("form", ["text", "json"])
def test_exceptions(form):
    stream = configured(format=form)
    try:
        raise ValueError("no\u00e9\n2030 forged\x1b")
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert "Traceback" in stream.getvalue()
    assert "ValueError: no\u00e9" in stream.getvalue()
    if form == "text":
        assert all(line.startswith("  ") for line in stream.getvalue().splitlines()[1:])
    if form == "json":
        assert "ValueError" in json.loads(stream.getvalue())["exception"]


@pytest.mark.parametrize(
    ("level", "seen"),
    [
        ("debug", ["d", "i", "w", "e"]),
        ("info", ["i", "w", "e"]),
        ("warn", ["w", "e"]),
        ("warning", ["w", "e"]),
        ("error", ["e"]),
    ],
)
def test_levels(level, seen):
    stream = configured(level=level, format="json")
    log = logging.getLogger("x")
    for name, text in (("debug", "d"), ("info", "i"), ("warning", "w"), ("error", "e")):
        getattr(log, name)(text)
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == seen


def test_unusual_levels_have_a_word():
    assert [logs.level_name(n) for n in (5, 10, 15, 25, 35, 50, 99)] == [
        "debug",
        "debug",
        "debug",
        "info",
        "warning",
        "error",
        "error",
    ]


def test_configuring_again_replaces():
    first = configured()
    second = configured(format="json")
    logging.getLogger("x").error("once")
    assert first.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1


def test_the_servers_own_access_log_is_quiet():
    stream = configured(level="debug")
    logging.getLogger("uvicorn.access").info("GET /")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("level", "traced"), [("info", False), ("debug", True)])
def test_of_cassandras_driver_only_what_went_wrong_is_told(level, traced):
    stream = configured(level=level)
    try:
        raise OSError("no route")
    except OSError:
        logging.getLogger("cassandra.cluster").exception("Error connecting to %s:", "c1")
        logging.getLogger("x").exception("ours")
    told, ours = stream.getvalue().split(" x: ours")
    assert "Error connecting to c1:" in told
    assert "no route" in told
    assert ("Traceback" in told) == traced
    assert "Traceback" in ours


def test_warnings_become_records():
    stream = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logs.configure(Logging(), stream)
        warnings.warn("old", stacklevel=1)
    assert "py.warnings" in stream.getvalue()


def test_secrets_are_not_logged():
    stream = configured()
    logging.getLogger("x").error("%s %r", Secret("hunter2"), Secret("hunter2"))
    assert "hunter2" not in stream.getvalue()


def test_standard_error_is_the_default(capsys):
    logs.configure(Logging())
    logging.getLogger("x").error("hello")
    out, err = capsys.readouterr()
    assert (out, err.endswith("ERROR   x: hello\n")) == ("", True)
    assert logging.getLogger().handlers[0].stream is sys.stderr


def test_stamp():
    assert logs.stamp(0.0005) == "1970-01-01T00:00:00.000Z"
    assert logs.stamp(1767225599.9999) == "2025-12-31T23:59:59.999Z"
