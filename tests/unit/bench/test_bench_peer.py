"""A peer is made comparable for the run, and what it answers otherwise is told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.machine import Missing
from bench.measure import Probe, _Line, _probe, compared
from bench.peer import peer
from bench.servers import Server
from bench.wire import Ask, address
from registan.testing.process import free_port

LEVELS = {"compatibilityLevel": "NONE"}


class Registry:
    """A few answers below `/apis/v7`, and the requests that came."""

    def __init__(self):
        self.answers = {"/subjects": (200, []), "/config": (200, LEVELS)}
        self.asked = []
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                registry.asked.append((self.command, self.path, json.loads(sent) if sent else None))
                status, said = registry.answers.get(self.path.removeprefix("/apis/v7"), (404, {}))
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = answer

            def log_message(self, *args):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.2", 0), Handler)
        # Not `127.0.0.1`: the bench would move this very process to one core.
        self.url = f"http://127.0.0.2:{self.server.server_address[1]}/apis/v7"

    @property
    def levels(self):
        return [sent["compatibility"] for method, _, sent in self.asked if method == "PUT"]


@pytest.fixture
def registry():
    made = Registry()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def probe(registry, *paths):
    asks = [Ask("GET", path) for path in paths]
    return _probe(_Line("peer", Server(address(registry.url), None), asks, 0))


def test_a_peer_checks_as_we_do_for_the_run_and_as_it_did_afterwards(registry):
    with peer(registry.url, 0) as made:
        assert registry.levels == ["BACKWARD"]
        assert made.remark == ""
    assert registry.levels == ["BACKWARD", "NONE"]


def test_a_peer_that_checks_as_we_do_is_left_alone(registry):
    registry.answers["/config"] = 200, {"compatibilityLevel": "BACKWARD"}
    with peer(registry.url, 0) as made:
        assert made.remark == ""
    assert registry.levels == []


def test_a_peer_whose_level_cannot_be_set_is_told(registry):
    del registry.answers["/config"]
    with peer(registry.url, 0) as made:
        assert made.remark == "It checks at an unknown level."


def test_a_peer_that_does_not_answer_ends_the_run():
    with pytest.raises(Missing, match="does not answer"), peer(f"http://127.0.0.1:{free_port()}", 0):
        pass


def test_a_peer_without_the_api_ends_the_run(registry):
    with pytest.raises(Missing, match="answers 404 to GET /subjects"), peer(registry.url + "/v8", 0):
        pass


def test_answers_are_probed_below_the_base(registry):
    assert probe(registry, "/subjects", "/config") == Probe((2 + len(json.dumps(LEVELS))) // 2)
    assert {path for _, path, _ in registry.asked} == {"/apis/v7/subjects", "/apis/v7/config"}


def test_another_status_is_a_problem(registry):
    assert probe(registry, "/subjects", "/contexts").problem == "404 to GET /contexts: b'{}'"


def test_what_is_answered_otherwise_is_remarked():
    assert compared(Probe(100), Probe(110)) == ""
    assert "100 bytes on average, where registan answers 1,000" in compared(Probe(100), Probe(1000))
    assert compared(Probe(0, "404 to GET /x"), Probe(9)) == "NOT MEASURED: answers 404 to GET /x"
