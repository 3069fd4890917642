"""Several instances on one store, many clients, and everything that can go wrong meanwhile.

Instances are killed and started again, the database is restarted, its connections are cut, held and
delayed. What the clients saw is checked against the log (`history.py`).

    python -m registan.testing.chaos --store postgresql --seconds 60 --seed 1

Exit status 1 where something does not hold. What lives here: asking and breaking. What never does:
what must hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from registan.app import make_store
from registan.model.commit import Commit
from registan.settings.load import load
from registan.testing.history import Operation, Placed, check
from registan.testing.mishaps import Breaking, Site
from registan.testing.services.shared import own
from registan.testing.services.table import SERVICES
from registan.testing.simulate_history import Violation
from registan.testing.socket_kit import Answered, Client, head, whole

INSTANCES = 3
CLIENTS = 32
SUBJECTS = 6
JSON = "Content-Type: application/vnd.schemaregistry.v1+json"
ANSWERED_WITHIN_S = 20.0
"""An answer that takes longer is one that a write must never take: see `engine.append_timeout`."""

LEAST = 60
"""Registrations and reads that a run has in any case, or little is proven."""

QUICK = {
    "ENGINE_APPEND_TIMEOUT": "1s",
    "ENGINE_DOUBT_TIMEOUT": "2s",
    "READS_TIMEOUT": "1s",
    "READS_POLL_INTERVAL": "200ms",
    "COMPATIBILITY_LEVEL": "NONE",
    "LOGGING_LEVEL": "error",
}
"""Time-outs that fit into a short run."""


def text_of(number: int) -> str:
    """A schema's text, as it is stored."""
    return json.dumps({"type": "record", "name": f"R{number}", "fields": []}, separators=(",", ":"))


class Clients:
    """What is asked, at random, and what was answered."""

    def __init__(self, ports: Sequence[int], random: Random) -> None:
        self.operations: list[Operation] = []
        """All but those told to be from the past."""
        self.seen: Counter[str] = Counter()
        self.over = False
        self._ports = ports
        self._random = random
        self._newest = 0
        """The number of the newest text."""
        self._known: dict[str, int] = {}
        """Newest version heard of, by subject."""
        self._ids = 0

    async def run(self) -> None:
        """One client, until it is over."""
        client: Client | None = None
        where = 0
        while not self.over:
            if client is None or self._random.random() < 0.02:
                where = self._random.randrange(len(self._ports))
                client = await self._connect(where, client)
                continue
            if not await self._one(client, where):
                client.close()
                client = None
        if client is not None:
            client.close()

    async def _connect(self, where: int, old: Client | None) -> Client | None:
        if old is not None:
            old.close()
        try:
            return Client(*await asyncio.open_connection("127.0.0.1", self._ports[where]))
        except OSError:
            await asyncio.sleep(0.05)
            return None

    async def _one(self, client: Client, where: int) -> bool:
        """Ask one thing; whether the connection can still be used."""
        operation = self._draw()
        operation.where = f"instance {where + 1}"
        return await self.ask(client, operation)

    async def ask(self, client: Client, operation: Operation) -> bool:
        """Ask, and keep the answer; whether the connection can still be used."""
        loop = asyncio.get_running_loop()
        operation.began = loop.time()
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                answered = await client.ask(_request(operation))
        except TimeoutError:
            raise Violation(f"no answer within {ANSWERED_WITHIN_S} s: {operation}") from None
        except (OSError, EOFError):
            self._keep(operation, "broken")
            return False
        if answered.status == 503:
            self._keep(operation, "unavailable")
            await asyncio.sleep(0.02)
            return True
        if "warning" in answered.headers:
            self.seen["stale"] += 1
            if operation.kind in ("register", "delete"):
                self.operations.append(operation)  # nobody knows
            return True
        operation.ended = loop.time()
        operation.found = _found(operation, answered)
        operation.known = True
        self._keep(operation, operation.kind)
        self._learn(operation)
        return True

    def _keep(self, operation: Operation, what: str) -> None:
        self.seen[what] += 1
        if operation.known or operation.kind in ("register", "delete"):
            self.operations.append(operation)

    def _learn(self, operation: Operation) -> None:
        if isinstance(operation.found, Placed):
            known = self._known.get(operation.subject, 0)
            self._known[operation.subject] = max(known, operation.found.version)
            self._ids = max(self._ids, operation.found.id)

    def _draw(self) -> Operation:
        random = self._random
        subject = f"s{random.randrange(SUBJECTS)}"
        kind = random.choices(("register", "latest", "versions", "schema", "delete"), (40, 30, 5, 20, 5))[0]
        if kind == "register":
            return Operation(kind, subject, self._text())
        if kind == "schema":
            return Operation(kind, id=random.randint(1, self._ids + 2))
        if kind == "delete":
            return Operation(kind, subject, version=random.randint(1, self._known.get(subject, 0) + 1))
        return Operation(kind, subject)

    def _text(self) -> str:
        """Mostly a new text, sometimes one that others register as well just now."""
        draw = self._random.random()
        if draw < 0.6 or not self._newest:
            self._newest += 1
            return text_of(self._newest)
        recent = 4 if draw < 0.9 else self._newest
        return text_of(self._random.randint(max(1, self._newest - recent), self._newest))


def _request(operation: Operation) -> bytes:
    subject = f"/subjects/{operation.subject}/versions"
    match operation.kind:
        case "register":
            return whole("POST", subject, json.dumps({"schema": operation.text}).encode(), JSON)
        case "latest":
            return head("GET", f"{subject}/latest")
        case "versions":
            return head("GET", subject)
        case "schema":
            return head("GET", f"/schemas/ids/{operation.id}")
        case _:
            return head("DELETE", f"{subject}/{operation.version}")


def _found(operation: Operation, answered: Answered) -> object:
    """What the answer says, as `Operation.found` has it. Raises `Violation` where it says nothing known."""
    reply: Any = json.loads(answered.body)
    code = reply.get("error_code") if isinstance(reply, dict) else None
    match operation.kind, answered.status, code:
        case "register", 200, _:
            return Placed(reply["id"], reply["version"], operation.text)
        case "latest", 200, _:
            return Placed(reply["id"], reply["version"], reply["schema"])
        case "latest", 404, 40401 | 40402:
            return None
        case "versions", 200, _:
            return tuple(reply)
        case "versions", 404, 40401:
            return ()
        case "schema", 200, _:
            return reply["schema"]
        case "schema", 404, 40403:
            return None
        case "delete", 200, _:
            return True
        case "delete", 404, 40401 | 40402 | 40406:
            return False
    raise Violation(f"{answered.status} {answered.body!r} to {operation}")


async def log_of(environment: Mapping[str, str]) -> list[Commit]:
    """All commits of a database."""
    store = make_store(load(environ=environment).settings)
    await store.open()
    try:
        commits: list[Commit] = []
        while more := await store.read(len(commits), 1000):
            commits += more
        return commits
    finally:
        await store.close()


async def run(site: Site, seconds: float, random: Random) -> Counter[str]:
    """Let it happen for a while, then check; gives how often things happened. Raises `Violation`."""
    clients = Clients([instance.port for instance in site.instances], random)
    breaking = Breaking(site, random)
    running = [asyncio.create_task(clients.run()) for _ in range(CLIENTS)]
    try:
        await breaking.run(
            seconds,
            until=lambda: any(task.done() for task in running),
            enough=lambda: min(clients.seen["register"], clients.seen["latest"]) >= LEAST,
        )
    finally:
        clients.over = True
        done, stuck = await asyncio.wait(running, timeout=2 * ANSWERED_WITHIN_S)
        for task in stuck:
            task.cancel()
    for failure in [task.exception() for task in done]:  # each is asked, or the loop would complain
        if failure is not None:
            raise failure
    if stuck:
        raise Violation(f"{len(stuck)} clients are stuck")
    await _read_all(site, clients)
    commits = await log_of(site.direct)
    check(clients.operations, commits)
    return clients.seen + breaking.seen + Counter({"commits": len(commits)})


async def _read_all(site: Site, clients: Clients) -> None:
    """What is there in the end, from every instance; it is checked as all else."""
    for instance in site.instances:
        client = Client(*await asyncio.open_connection("127.0.0.1", instance.port))
        for subject in (f"s{number}" for number in range(SUBJECTS)):
            for kind in ("versions", "latest"):
                operation = Operation(kind, subject, where=str(instance.port))
                await clients.ask(client, operation)
                if not operation.known:
                    raise Violation(f"the instance did not recover: {operation}")
        client.close()


def chaos(store: str, seconds: float, seed: int) -> Counter[str]:
    """One run on a store of the name, `sqlite` or one of `SERVICES`, with a server of its own."""
    with tempfile.TemporaryDirectory(prefix="registan-chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # a database server may run as another user, who must be able to enter
        service = None if store == "sqlite" else own(store, folder / "service")
        with Site(folder, service, INSTANCES, QUICK) as site:
            try:
                return asyncio.run(run(site, seconds, Random(seed)))  # noqa: S311  (repeatable, not secret)
            except Violation as violation:
                raise Violation(f"{violation}\n{site.logs()}") from None


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="registan.testing.chaos", description=__doc__)
    parser.add_argument("--store", choices=["sqlite", *SERVICES], help="one of them; else all")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = 0
    for store in [options.store] if options.store else ["sqlite", *SERVICES]:
        try:
            seen = chaos(store, options.seconds, options.seed)
        except Violation as violation:
            failed = 1
            sys.stdout.write(f"{store}: {violation}\n")
        else:
            sys.stdout.write(f"{store}: 0 violations; {dict(sorted(seen.items()))}\n")
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
