"""The health check asks a real socket."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from registan.cli.health import address, ask
from registan.cli.main import main
from registan.settings import load


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            ready = self.path == "/health/ready" or self.path == "/behind/health/ready"
            self.send_response(200 if ready and self.server.ready else 503)
            self.end_headers()
            self.wfile.write(b'{"status":"UP"}' if self.server.ready else b'{"status":"DOWN"}')

        def log_message(self, *args):
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    made.ready = True
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_ready_and_not(server):
    url = f"http://127.0.0.1:{server.server_port}"
    assert ask(url, 5) == (True, f'{url}: 200 {{"status":"UP"}}')
    assert ask(f"{url}/behind/", 5)[0]
    server.ready = False
    assert ask(url, 5) == (False, f'{url}: 503 {{"status":"DOWN"}}')


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "nonsense", "http://", "http://127.0.0.1:1", "http://127.0.0.1:99999", "https://127.0.0.1:1"],
)
def test_what_cannot_be_asked_is_not_ready(url):
    ready, line = ask(url, 1)
    assert not ready
    assert line.startswith(url)


def test_the_command(server):
    port = str(server.server_port)
    env = {"SERVER_PORT": port, "CONFIG_FILE": ""}
    assert CliRunner().invoke(main, ["health"], env=env).exit_code == 0
    server.ready = False
    result = CliRunner().invoke(main, ["health", "--url", f"http://127.0.0.1:{port}"])
    assert result.exit_code == 1
    assert "503" in result.stderr
    assert CliRunner().invoke(main, ["health", "--timeout", "soon"]).exit_code == 2


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, "http://127.0.0.1:8081"),
        ({"SERVER_HOST": "::", "SERVER_PORT": "9"}, "http://[::1]:9"),
        ({"SERVER_HOST": "10.1.1.1"}, "http://10.1.1.1:8081"),
        (
            {"SERVER_TLS_ENABLED": "true", "SERVER_TLS_CERT_FILE": "c", "SERVER_TLS_KEY_FILE": "k"},
            "https://127.0.0.1:8081",
        ),
    ],
)
def test_where_the_registry_is(environ, url):
    assert address(load(None, environ).settings.server) == url
