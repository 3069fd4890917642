"""Logs: diagnostics as text or JSON lines, on standard error, by the standard library's logging.

A record may carry what a request is (`FIELDS`) by `extra=`; both forms print it. What never gets
here is a secret: nobody logs headers, bodies or configuration values (secrets print as ***).
The access log, one line per request, is `access_log.py`.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

if TYPE_CHECKING:
    from registan.settings.tree import Logging

FIELDS = ("request_id", "route", "principal", "status", "duration_ms")
"""What `extra=` may hold, in the order in which it is printed."""

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

_NAMES = {
    logging.DEBUG: "debug",
    logging.INFO: "info",
    logging.WARNING: "warning",
    logging.ERROR: "error",
    logging.CRITICAL: "error",
}

_QUIET = {
    "asyncio": logging.WARNING,
    "uvicorn.access": logging.CRITICAL + 1,
    "cassandra": logging.WARNING,
    "cassandra.pool": logging.ERROR,
}
"""Loggers of others that say too much, such as each attempt to reach a node that is down; the server's
own access log is ours to write."""


def configure(settings: Logging, stream: TextIO | None = None) -> None:
    """Set up the root logger: one handler, the form and level of the settings.

    Replaces what was set up before, so it can be called again. Python's warnings become records.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    level = LEVELS[settings.level]
    if level > logging.DEBUG:
        handler.addFilter(_untraced)
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least if level > logging.DEBUG else max(level, least))
    logging.captureWarnings(capture=True)
    # nothing here asks which thread or task logged
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _untraced(record: logging.LogRecord) -> bool:
    """Of Cassandra's driver what went wrong is enough; where in it that was, with each attempt, is not."""
    if record.exc_info and record.name.startswith("cassandra."):
        record.msg, record.args = f"{record.getMessage()} {record.exc_info[1]}", ()
        record.exc_info = None
    return True


def stamp(seconds: float) -> str:
    """Seconds since 1970 as RFC 3339 in UTC, to the millisecond."""
    whole, millis = divmod(int(seconds * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{millis:03d}Z"


def plain(text: str) -> str:
    """The text if it can stand between blanks, else quoted; a line never breaks inside it."""
    if text.isprintable() and text and " " not in text and '"' not in text:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def level_name(level: int) -> str:
    """The word for a level, also for levels between the usual ones."""
    return _NAMES.get(level) or _NAMES[max(10, min(50, level // 10 * 10))]


class TextLines(logging.Formatter):
    """`time LEVEL logger: message key=value …`, a traceback indented below; control characters escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        message = _on_one_line(record.getMessage())
        level = level_name(record.levelno).upper()
        line = f"{stamp(record.created)} {level:<7} {record.name}: {message}"
        for name in FIELDS:
            value = record.__dict__.get(name)
            if value is not None:
                line += f" {name}={plain(str(value))}"
        if record.exc_info:
            # indented, so that no text in an exception passes for a record
            trace = self.formatException(record.exc_info).split("\n")
            line += "".join(f"\n  {_on_one_line(part)}" for part in trace)
        return line


def _on_one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, logger, message, the request's fields, exception."""

    def __init__(self) -> None:
        super().__init__()
        self._encode = msgspec.json.Encoder(enc_hook=str).encode

    def format(self, record: logging.LogRecord) -> str:
        """One record as JSON."""
        made: dict[str, Any] = {
            "time": stamp(record.created),
            "level": level_name(record.levelno),
            "logger": record.name,
            "message": _sound(record.getMessage()),
        }
        for name in FIELDS:
            value = record.__dict__.get(name)
            if value is not None:
                made[name] = _sound(value) if isinstance(value, str) else value
        if record.exc_info:
            made["exception"] = _sound(self.formatException(record.exc_info))
        return self._encode(made).decode()


def _sound(text: str) -> str:
    """The text without lone surrogates, which no JSON line may hold."""
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()
