"""kill -9 under load: whatever a registry on SQLite acknowledged is there when it is started again."""

from __future__ import annotations

import http.client
import json
import threading
from pathlib import Path

import pytest

from registan.testing.process import RegistryProcess

THREADS = 6
JSON = {"Content-Type": "application/vnd.schemaregistry.v1+json"}


def text_of(subject: str) -> str:
    """A schema of its own for each subject."""
    return json.dumps({"type": "record", "name": subject, "fields": []}, separators=(",", ":"))


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        self._connection.request(method, path, None if body is None else json.dumps(body), JSON)
        reply = self._connection.getresponse()
        return reply.status, json.loads(reply.read())

    def register(self, subject: str) -> int:
        status, reply = self.ask("POST", f"/subjects/{subject}/versions", {"schema": text_of(subject)})
        assert status == 200, reply
        return reply["id"]

    def close(self) -> None:
        self._connection.close()


class Load:
    """Clients that register as fast as they can until the registry is gone."""

    def __init__(self, port: int, name: str) -> None:
        self.asked: set[str] = set()
        self.acknowledged: dict[str, int] = {}
        self.refused: list[object] = []
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._run, args=(port, f"{name}_{number}"), daemon=True)
            for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, port: int, name: str) -> None:
        client = Client(port)
        count = 0
        try:
            while True:
                count += 1
                subject = f"{name}_{count}"
                self.asked.add(subject)
                schema_id = client.register(subject)
                with self._changed:
                    self.acknowledged[subject] = schema_id
                    self._changed.notify_all()
        except (OSError, http.client.HTTPException):
            pass  # it is gone
        except AssertionError as error:
            self.refused.append(error)
        finally:
            client.close()

    def wait_for(self, count: int) -> None:
        """Return once so many registrations were acknowledged."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= count, timeout=120)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=30)
            assert not thread.is_alive()


@pytest.mark.timeout(300)
def test_acknowledged_registrations_survive_a_kill_with_their_ids(tmp_path: Path) -> None:
    """Several times over one file; what was not acknowledged is there whole or not at all."""
    registry = RegistryProcess(tmp_path)
    acknowledged: dict[str, int] = {}
    asked: set[str] = set()
    try:
        for round_, after in enumerate((1, 50, 300)):
            registry.start()
            load = Load(registry.port, f"r{round_}")
            load.wait_for(after)
            registry.kill()
            load.join()
            assert load.refused == []
            acknowledged |= load.acknowledged
            asked |= load.asked
            registry.start()
            check(registry.port, acknowledged, asked)
            registry.kill()
    finally:
        registry.kill()
    assert len(acknowledged) >= 351


def check(port: int, acknowledged: dict[str, int], asked: set[str]) -> None:
    """All that was acknowledged is there, and nothing that was not asked for, nothing torn."""
    client = Client(port)
    try:
        _, subjects = client.ask("GET", "/subjects")
        assert set(acknowledged) <= set(subjects) <= asked
        found = {}
        for subject in subjects:
            status, reply = client.ask("GET", f"/subjects/{subject}/versions/latest")
            assert (status, reply["version"], reply["schema"]) == (200, 1, text_of(subject))
            found[subject] = reply["id"]
        assert {subject: found[subject] for subject in acknowledged} == acknowledged
        assert sorted(found.values()) == list(range(1, len(found) + 1))
        again = next(iter(acknowledged))
        assert client.register(again) == acknowledged[again]
    finally:
        client.close()
