"""`python -m bench`: run the rows and the single figures, print the table, write the JSON.

Options by environment or flags: ROWS, ROUNDS, SECONDS, PEER, WARM, STORE, QUICK (docs/guide/benchmark.md).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import facts, machine, report
from bench.figures import Fact
from bench.measure import Measured, measure
from bench.rows import ROWS, over_database
from bench.servers import ROOT
from bench.sites import House, Options
from bench.wire import address
from registan.testing.services.table import SERVICES

RESULTS = ROOT / "bench-results"


def options(arguments: list[str]) -> Options:
    """Read the command line; what it leaves out is from the environment."""
    get = os.environ.get
    quick = get("QUICK", "") not in ("", "0")
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast Registan is.")
    parser.add_argument("--rows", default=get("ROWS", ""), help="only what matches this pattern")
    parser.add_argument("--rounds", type=int, default=int(get("ROUNDS") or 0), help="rounds [5]")
    parser.add_argument(
        "--seconds", type=int, default=int(get("SECONDS") or 0), help="seconds of a round [2]"
    )
    parser.add_argument(
        "--peer", type=_peer_url, default=get("PEER", ""), help="URL of another registry, with its path"
    )
    parser.add_argument(
        "--warm",
        type=int,
        default=int(get("WARM") or 1),
        help="seconds to warm the peer, or a database, before each row [1]",
    )
    parser.add_argument("--store", default=get("STORE") or "memory", choices=("memory", "sqlite", *SERVICES))
    parser.add_argument(
        "--quick", action="store_true", default=quick, help="one short round, a tenth of the data"
    )
    given = parser.parse_args(arguments)
    return Options(
        given.rows,
        given.rounds or (1 if given.quick else 5),
        given.seconds or (1 if given.quick else 2),
        given.peer,
        given.store,
        given.quick,
        given.warm,
    )


def _peer_url(text: str) -> str:
    if text:
        try:
            address(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
    return text


def wanted(pattern: str, name: str, title: str = "") -> bool:
    """Whether a row or figure is asked for."""
    return any(re.search(pattern, text, re.IGNORECASE) for text in (name, title))


def run(chosen: Options) -> int:
    """Run; the exit code is 0 even where targets are missed, 2 where the machine lacks something."""
    about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": _commit(), **machine.describe()}
    cores = machine.cores()
    os.sched_setaffinity(0, {cores.others})
    rows: list[Measured] = []
    singles: list[Fact] = []
    try:
        for name in machine.PROGRAMS:
            machine.program(name)
        with (
            tempfile.TemporaryDirectory(prefix="bench-", dir=_place()) as home,
            House(Path(home), chosen, cores) as house,
        ):
            print(_preface(about, house))
            databases = [over_database(chosen.store)] if chosen.store in SERVICES else []
            for row in (*ROWS, *databases):
                if wanted(chosen.rows, row.name, row.title):
                    rows.append(measure(row, house))
                    print(report.block(rows[-1], house.yardsticks), flush=True)
            print(report.rule(house.yardsticks))
            for name, title, make in facts.FACTS:
                if wanted(chosen.rows, name, title):
                    for one in make(house):
                        singles.append(one)
                        print(report.fact(one), flush=True)
    except machine.Missing as missing:
        print(f"bench: {missing}", file=sys.stderr)
        return 2
    print(f"\n{report.summary(rows, singles)}")
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{str(about['at'])[:19].replace(':', '')}.json"
    about = {**about, "options": chosen._asdict()}
    file.write_text(json.dumps(report.document(about, rows, singles), indent=1, ensure_ascii=False) + "\n")
    print(f"Written to {file.relative_to(ROOT)}")
    return 0


def _preface(about: dict[str, object], house: House) -> str:
    chosen = house.options
    cores = house.cores
    lines = [
        f"Registan {about['commit']} on {about['cores']} cores ({about['processor']})",
        f"Servers on core {cores.servers}, generator on core {cores.others}",
        f"Sites on {chosen.store}; load before the run {about['load_before']}",
        f"Medians of {chosen.rounds} interleaved rounds of {chosen.seconds} s",
    ]
    if not cores.apart:
        lines.append("ONLY ONE CORE: servers and generator share it, rates mean little")
    if house.release is None:
        lines.append("No tag yet: there is no earlier release to compare with")
    if house.peer is None:
        lines.append("No peer: PEER=url adds another registry")
    else:
        lines.append(
            f"Peer {chosen.peer}, warmed {chosen.warm} s before each row. {house.peer.remark}".rstrip()
        )
    return "\n".join([*lines, "", report.heading(house.yardsticks)])


def _place() -> Path:
    """A directory on a disk: a temporary one in memory would make durable writes look free."""
    place = ROOT / "bench-results"
    place.mkdir(exist_ok=True)
    return place


def _commit() -> str:
    said = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--tags"],
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "outside git"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # or its servers would outlive it
    sys.exit(run(options(sys.argv[1:])))
