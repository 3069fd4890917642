"""The access log: its two forms, and a writer that neither loses nor waits."""

import json
import os
import re
import select
import threading

import pytest

from registan.observe import access_log
from registan.observe.access_log import LineWriter, open_access_log
from registan.settings.tree import Logging

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


class Pipe:
    """A writer on a pipe, and what came out of it."""

    def __init__(self):
        self.out, self.into = os.pipe()
        self.writer = LineWriter(self.into)

    def text(self):
        """All lines, after the writer has been closed."""
        chunks = []
        reader = threading.Thread(target=lambda: chunks.extend(iter(lambda: os.read(self.out, 65536), b"")))
        reader.start()
        self.writer.close()
        os.close(self.into)
        reader.join()
        os.close(self.out)
        return b"".join(chunks).decode()


def logged(form, *calls):
    pipe = Pipe()
    access = open_access_log(Logging(access=True, format=form), pipe.writer)
    for call in calls:
        access(*call)
    return pipe.text()


CALL = ("GET", "/subjects/a%20b/versions", "version.list", 200, 0.0012345, "alice", "r-1")


def test_off_is_no_function():
    assert open_access_log(Logging(), LineWriter()) is None


def test_text():
    assert re.fullmatch(
        rf"{TIME} GET /subjects/a%20b/versions 200 1\.234ms route=version\.list principal=alice "
        r"request_id=r-1\n",
        logged("text", CALL),
    )


def test_json():
    made = json.loads(logged("json", CALL))
    assert re.fullmatch(TIME, made.pop("time"))
    assert made == {
        "method": "GET",
        "path": "/subjects/a%20b/versions",
        "status": 200,
        "duration_ms": 1.234,
        "route": "version.list",
        "principal": "alice",
        "request_id": "r-1",
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_empty_is_left_out(form):
    text = logged(form, ("GET", "/", "", 404, 0.0, "", ""))
    assert not any(word in text for word in ("route", "principal", "request_id"))


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_request_cannot_forge_a_line(form):
    text = logged(form, ("GET", "/\n1\u2028\udcff", "r", 200, 0.0, "a\nb c", "x\r"))
    # readers of JSON lines split at line feeds only
    assert len(text.split("\n") if form == "json" else [*text.splitlines(), ""]) == 2


def test_no_line_is_lost_or_torn():
    pipe = Pipe()
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(os.fdopen(pipe.out, "rb", closefd=False)))
    reader.start()
    for number in range(50_000):
        pipe.writer.write(b"%d\n" % number)
    pipe.writer.close(60)
    os.close(pipe.into)
    reader.join()
    os.close(pipe.out)
    assert pipe.writer.dropped == 0
    assert lines == [b"%d\n" % number for number in range(50_000)]


def test_a_reader_that_does_not_read_costs_lines_not_memory(monkeypatch):
    monkeypatch.setattr(access_log, "PENDING_BYTES_MAX", 200_000)
    pipe = Pipe()
    line = b"x" * 999 + b"\n"
    for _ in range(1000):  # a pipe holds 64 KiB; nobody reads
        pipe.writer.write(line)
    assert 700 < pipe.writer.dropped < 1000
    dropped = pipe.writer.dropped
    assert len(pipe.text().splitlines()) == 1000 - dropped


def test_a_descriptor_that_cannot_be_written_to_counts():
    out, into = os.pipe()
    os.close(out)
    writer = LineWriter(into)
    writer.write(b"x\n")
    writer.close()
    os.close(into)
    assert writer.dropped == 1


def test_closing_unused():
    LineWriter().close()


# several writers, one descriptor


def test_lines_of_several_writers_on_one_pipe_do_not_mix():
    """As workers share their standard output, also where the pipe is full most of the time."""
    out, into = os.pipe()
    texts = [(b"%d " % number) * 50 + b"\n" for number in range(8)]
    writers = [LineWriter(into) for _ in texts]
    lines = []
    reader = threading.Thread(
        target=lambda: lines.extend(os.fdopen(out, "rb", buffering=1024, closefd=False))
    )
    reader.start()
    for _ in range(3000):
        for writer, text in zip(writers, texts, strict=True):
            writer.write(text)
    for writer in writers:
        writer.close(60)
    os.close(into)
    reader.join()
    os.close(out)
    assert {text: lines.count(text) for text in texts} == dict.fromkeys(texts, 3000)
    assert len(lines) == 3000 * len(texts)


def test_whole_lines_are_written_and_no_more_at_once_than_a_pipe_takes(monkeypatch):
    written = []

    def write(descriptor, chunk):
        written.append(bytes(chunk))
        return len(chunk)

    lines = [b"x" * (number * 37 % 700) + b"\n" for number in range(2000)]
    writer = LineWriter()
    monkeypatch.setattr(access_log.os, "write", write)
    for line in lines:
        writer.write(line)
    writer.close(60)
    assert b"".join(written) == b"".join(lines)
    assert all(len(chunk) <= select.PIPE_BUF and chunk.endswith(b"\n") for chunk in written)
    assert len(written) < len(lines) / 5


ODD = {"plain": "a", "controls": "\x01", "astral": "\U0001f600", "quotes": '"', "undecodable": "\udcff"}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("what", ODD)
def test_a_line_is_never_longer_than_a_pipe_takes_at_once(form, what):
    """However long, and however much longer when escaped, what a client sends may be."""
    long = ODD[what] * 60_000
    text = logged(form, ("GET", f"/start{long}", "version.list", 200, 0.001, f"who{long}", f"id{long}"))
    assert text.count("\n") == 1
    assert len(text.encode()) <= select.PIPE_BUF
    assert all(part in text for part in ("GET", "/start", "200", "version.list", "who", "id"))
    assert "…" in text or "\\u2026" in text
    if form == "json":
        assert json.loads(text)["status"] == 200


def test_a_path_is_cut_only_where_it_must_be():
    path = "/" + "p" * 3000
    assert path in logged("text", ("GET", path, "", 404, 0.0, "", ""))
    assert f"/{'p' * 999}… 404" in logged("text", ("GET", path * 2, "", 404, 0.0, "", ""))
