"""Measuring a row: every server in turn, round after round, so that all meet the same disturbances."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from bench import machine
from bench.dataset import COUNTER
from bench.figures import Figures, Verdict, figures, judge
from bench.load import Sample, Shot, fire
from bench.rows import EACH, Background, Row
from bench.servers import Server
from bench.sites import HERE, NGINX, PEER, Filled, House
from bench.wire import Address, Answer, Ask, Connection, send_all, write_load
from registan.testing.services.table import SERVICES

WARM_UP_S = 1
PROBES = 50
"""Requests of a row that each server answers before it is measured."""
ALIKE = 0.2
"""Share by which another's answers may be longer or shorter than ours before that is remarked."""
YARDSTICK_FILES_MAX = 1000
"""Different answers that nginx gets to serve; more requests share them."""


class Measured(NamedTuple):
    """A row's outcome."""

    row: Row
    servers: Mapping[str, Figures]
    verdicts: Sequence[Verdict]
    answer_bytes: int
    """Size of the bodies that nginx served, on average."""
    problem: str = ""
    """Why there are no figures, or what was answered instead."""
    remarks: Mapping[str, str] = {}
    """By label: why another server has no figures, or what it answers otherwise."""


@dataclass
class _Line:
    """One server's part in a row."""

    label: str
    server: Server
    asks: Sequence[Ask]
    first: int
    background: Background | None = None

    def shot(self, house: House, row: Row, seconds: int, seed: int) -> Sample:
        """One round."""
        file = house.home / f"{row.name}-{self.label.replace(' ', '-').replace('/', '-')}.load"
        if not file.exists():
            write_load(self.asks, self.server.address, file)
        shot = Shot(file, row.order, row.connections, seconds, seed, self.first)
        beside = _beside(self.background, self.server.address) if self.background else nullcontext()
        with beside:
            sample = fire(shot, self.server.address, self.server.pid, house.cores.others)
        self.first += sample.requests + 1000
        return sample


def measure(row: Row, house: House) -> Measured:
    """Measure a row. Raises `machine.Missing` where a server cannot be had."""
    try:
        lines, size, remarks = _lines(row, house)
        for line in lines:
            problem = _probe(line).problem if line.label not in house.others else ""
            if problem:
                verdicts = [judge(target, {}) for target in row.targets]
                return Measured(row, {}, verdicts, size, f"{line.label} answers {problem}", remarks)
        samples, gone = _shoot(lines, row, house)
        measured = {label: figures(of) for label, of in samples.items()}
        verdicts = [judge(target, measured) for target in row.targets]
        return Measured(row, measured, verdicts, size, remarks={**remarks, **gone})
    finally:
        house.leave(row.name)


def _shoot(lines: Sequence[_Line], row: Row, house: House) -> tuple[dict[str, list[Sample]], dict[str, str]]:
    """Round after round; what was measured, and why others could not be. Raises `machine.Missing` for us."""
    samples: dict[str, list[Sample]] = {line.label: [] for line in lines}
    gone: dict[str, str] = {}
    # Who asks for everything leaves the replies that the others want displaced: measured behind them.
    for turn in (
        [line for line in lines if line.label != EACH],
        [line for line in lines if line.label == EACH],
    ):
        for number in range(house.options.rounds + 1):  # the first one warms up
            for line in turn:
                if line.label in gone:
                    continue
                seconds = house.options.seconds if number else _warm_up_s(line, house)
                try:
                    sample = line.shot(house, row, seconds, number)
                except machine.Missing as missing:
                    if line.label not in house.others:
                        raise
                    gone[line.label] = f"NOT MEASURED: {missing}"
                    del samples[line.label]
                else:
                    samples[line.label] += [sample] if number else []
    return samples, gone


def _warm_up_s(line: _Line, house: House) -> int:
    """How long it is asked first: longer where that, or its database, may run in a virtual machine."""
    if line.label == PEER or (line.label != NGINX and house.options.store in SERVICES):
        return house.options.warm
    return WARM_UP_S


def _lines(row: Row, house: House) -> tuple[list[_Line], int, dict[str, str]]:
    """Who is measured, the size of what nginx serves, and remarks on those who answer otherwise."""
    first = int(time.time()) % 90_000 * 10_000  # a peer keeps what earlier runs registered
    here = house.site(HERE, row.site)

    def line(label: str, filled: Filled, background: Background | None = None) -> _Line:
        return _Line(label, filled.server, row.asks(filled.site, filled.ids), first, background)

    lines, size, remarks = [line(HERE, here)], 0, {}
    if row.nginx:
        asks, size = asyncio.run(_yardstick(row, lines[0], house))
        lines.append(_Line(NGINX, house.nginx, asks, 0))
    if row.others:
        ours = _probe(lines[0])
        for label in house.others:
            try:
                guest = line(label, house.site(label, row.site))
                theirs = _probe(guest)
            except (machine.Missing, OSError, EOFError) as error:
                theirs = Probe(0, f"nothing: {error}")
            else:
                lines += [] if theirs.problem else [guest]
            if remark := compared(theirs, ours):
                remarks[label] = remark
    for label, asks_of in row.beside:
        lines.append(_Line(f"{HERE}, {label}", here.server, asks_of(here.site, here.ids), first))
    for label, site in row.flat:
        lines.append(line(label, house.site(HERE, site)))
    lines += [line(f"{HERE}, {beside.name}", here, beside) for beside in row.backgrounds]
    return lines, size, remarks


async def _yardstick(row: Row, line: _Line, house: House) -> tuple[list[Ask], int]:
    """Let nginx serve what Registan answered; the requests for that, and the mean size."""
    asks = [once(ask, line.first) for ask in line.asks[:YARDSTICK_FILES_MAX]]
    line.first += 1
    if any(COUNTER in ask.path + ask.body for ask in line.asks):
        asks = asks[:1]
    answers = await send_all(asks, line.server.address)
    directory = house.home / "nginx" / "files" / row.name
    directory.mkdir(parents=True, exist_ok=True)
    for i, answer in enumerate(answers):
        (directory / str(i)).write_bytes(answer.body)
    made = [
        Ask("GET", f"/{row.name}/{i % len(asks)}") for i in range(min(len(line.asks), YARDSTICK_FILES_MAX))
    ]
    return made, sum(len(answer.body) for answer in answers) // len(answers)


def once(ask: Ask, number: int) -> Ask:
    """The request with its counter filled in."""
    digits = f"{number:09d}"
    return ask._replace(path=ask.path.replace(COUNTER, digits), body=ask.body.replace(COUNTER, digits))


class Probe(NamedTuple):
    """What a server answers to some requests of a row."""

    size: int
    """Bytes of a body, on average."""
    problem: str = ""
    """The first answer that is not what the row is about."""


def compared(theirs: Probe, ours: Probe) -> str:
    """What must be known of another server's figures; nothing where it answers as we do."""
    if theirs.problem:
        return f"NOT MEASURED: answers {theirs.problem}"
    if abs(theirs.size - ours.size) > ALIKE * ours.size:
        return f"answers otherwise: {theirs.size:,} bytes on average, where {HERE} answers {ours.size:,}"
    return ""


def _probe(line: _Line) -> Probe:
    """Ask some of a row's requests. Raises OSError, EOFError."""
    chosen = line.asks[:: -(-len(line.asks) // PROBES)]
    asks = [once(ask, line.first + i) for i, ask in enumerate(chosen)]
    line.first += len(asks)
    answers = asyncio.run(send_all(asks, line.server.address))
    for ask, answer in zip(asks, answers, strict=True):
        if answer.status != 200:
            return Probe(0, f"{answer.status} to {ask.method} {ask.path}: {answer.body!r:.300}")
    return Probe(sum(len(answer.body) for answer in answers) // len(answers))


@contextmanager
def _beside(background: Background, to: Address) -> Iterator[None]:
    """Register in another thread meanwhile. Raises what went wrong there."""
    end = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(_register(background, to, end))
        except BaseException as error:  # noqa: BLE001  (told to the one who waits)
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
    if failed:
        raise failed[0]


async def _register(background: Background, to: Address, end: threading.Event) -> None:
    connection = Connection(to)
    started = time.monotonic()
    base = int(time.time() * 1000) % 10**9
    n = 0
    while not end.is_set():
        answer: Answer = await connection.send(background.ask(base + n))
        if answer.status != 200:
            raise RuntimeError(f"{background.name}: {answer.status} {answer.body!r:.300}")
        n += 1
        if background.per_s:
            await asyncio.sleep(max(0.0, started + n / background.per_s - time.monotonic()))
    connection.close()
