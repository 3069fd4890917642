"""Every kind of mistake is refused with its file, its line and what was meant."""

import pytest

from registan.settings import SettingsError, load, unsupported
from registan.settings.checks import NOT_YET
from registan.settings.fields import fields, sections


def problems_of(tmp_path, text, environ=None, flags=None):
    file = tmp_path / "c.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as caught:
        load(file, environ, flags)
    return [str(p).replace(str(tmp_path) + "/", "") for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("server:\n  prot: 1\n", "c.yaml:2: server.prot is not a setting; did you mean server.port?"),
        ("sever:\n  port: 1\n", "c.yaml:1: sever is not a setting; did you mean server?"),
        (
            "storage:\n  postgres:\n    host: a\n",
            "c.yaml:2: storage.postgres is not a setting; did you mean storage.postgresql?",
        ),
        (
            "sslmode: require\n",
            "c.yaml:1: sslmode is not a setting; did you mean storage.postgresql.sslmode?",
        ),
        ("Server:\n  port: 1\n", "c.yaml:1: Server is not a setting; did you mean server?"),
        (
            "security:\n  frobnicate: 1\n",
            "c.yaml:2: security.frobnicate is not a setting",
        ),
        (
            "server:\n  xyzzy: 1\nwire:\n  level: 8\n",
            "c.yaml:2: server.xyzzy is not a setting; settings here are",
        ),
        ("server:\n  port: 1\n  port: 2\n", "c.yaml:3: port is given twice, first on line 2"),
        ("server: {}\nwire: {}\nserver: {}\n", "c.yaml:3: server is given twice, first on line 1"),
        ("server:\n  port: abc\n", "c.yaml:2: server.port must be a whole number, not 'abc'"),
        ("server:\n  port: 22:22\n", "c.yaml:2: server.port must be a whole number, not '22:22'"),
        ("server:\n  port: 8081.5\n", "c.yaml:2: server.port must be a whole number, not '8081.5'"),
        ("server:\n  port: 0\n", "c.yaml:2: server.port must be at least 1, not 0"),
        ("server:\n  port: 65536\n", "c.yaml:2: server.port must be at most 65535, not 65536"),
        ("server:\n  port: [1]\n", "c.yaml:2: server.port must be a whole number, not a list"),
        ("server:\n  host:\n    a: b\n", "c.yaml:3: server.host must be a text, not a mapping"),
        ("server:\n  host:\n", 'c.yaml:2: server.host has no value (write "" for an empty text)'),
        ("server:\n  host: ''\n", "c.yaml:2: server.host must not be empty"),
        (
            "server:\n  read_timeout: soon\n",
            "c.yaml:2: server.read_timeout is not a duration such as 30s, 1h or 250ms: 'soon'",
        ),
        ("server:\n  read_timeout: 0\n", "c.yaml:2: server.read_timeout must be more than 0"),
        ("server:\n  max_header_bytes: 1KiB5\n", "c.yaml:2: server.max_header_bytes is not a size in bytes"),
        (
            "server:\n  max_body_bytes: 1\n",
            "c.yaml:2: server.max_body_bytes must be at least 1KiB, not 1",
        ),
        ("metrics:\n  enabled: maybe\n", "c.yaml:2: metrics.enabled must be true or false, not 'maybe'"),
        ("metrics:\n  path: metrics\n", "c.yaml:2: metrics.path must match"),
        (
            "storage:\n  type: postgres\n",
            (
                "c.yaml:2: storage.type must be one of cassandra, memory, mysql, postgresql, sqlite, "
                "not 'postgres'; did you mean postgresql?"
            ),
        ),
        (
            "compatibility:\n  level: BACKWARDS\n",
            "c.yaml:2: compatibility.level must be one of NONE, BACKWARD,",
        ),
        ("rate_limit:\n  requests_per_second: .inf\n", "c.yaml:2: rate_limit.requests_per_second must be a"),
        ("storage:\n  cassandra:\n    hosts: a\n", "c.yaml:3: storage.cassandra.hosts must be a list"),
        (
            "storage:\n  cassandra:\n    hosts: []\n",
            "c.yaml:3: storage.cassandra.hosts must have at least 1 item(s)",
        ),
        (
            "storage:\n  cassandra:\n    hosts:\n      - a\n      - [b]\n",
            "c.yaml:5: storage.cassandra.hosts[1] must be a text, not a list",
        ),
        ("server: 8081\n", "c.yaml:1: server must be a mapping of settings"),
        ("- a\n", "c.yaml:1: the file must hold a mapping of settings"),
        ("text\n", "c.yaml:1: the file must hold a mapping of settings"),
        ("server:\n\tport: 1\n", "c.yaml:2: is not YAML: "),
        ("server: {port: 1\n", "c.yaml:2: is not YAML: "),
        ("server: {}\n---\nserver: {}\n", "c.yaml:2: is not YAML: "),
        (b"server: {}\n# \xff\n", "c.yaml:2: is not UTF-8"),
        (b"server: {}\n# \x07\n", "c.yaml:2: is not YAML: a character that may not stand here"),
        ("server:\n  port: !env PORT\n", "c.yaml:2: the tag !env is not known"),
        ("a: &a {}\nserver:\n  <<: *a\n", "c.yaml:3: merge keys (<<) are not supported"),
        ("? [a]\n: b\n", "c.yaml:1: a key must be a text"),
        ("server: &a\n  tls: *a\n", "c.yaml: is nested too deeply"),
        ("a: " + "[" * 3000, "c.yaml: is nested too deeply"),
        (
            "auth:\n  basic:\n    users:\n      - username: u\n        pasword: x\n",
            "c.yaml:5: auth.basic.users[0].pasword is not a setting; did you mean password?",
        ),
        (
            "auth:\n  basic:\n    users:\n      - username: u\n",
            "c.yaml:4: auth.basic.users[0] has no password",
        ),
        (
            "auth:\n  basic:\n    users: [u]\n",
            "c.yaml:3: auth.basic.users[0] must be a mapping with username,",
        ),
        ("rbac:\n  roles: [a]\n", "c.yaml:2: rbac.roles must be a mapping"),
        (
            "auth:\n  apikey:\n    keys:\n      - {key: k, name: n, expires_at: 2030-01-01}\n",
            "c.yaml:4: auth.apikey.keys[0].expires_at must be a time such as 2030-12-31T23:59:59Z",
        ),
    ],
)
def test_mistakes_in_the_file(tmp_path, text, problem):
    assert any(p.startswith(problem) for p in problems_of(tmp_path, text)), problems_of(tmp_path, text)


def test_all_mistakes_are_told_at_once(tmp_path):
    text = "server:\n  port: x\n  prot: 1\nlogging:\n  level: loud\n"
    environ = {"METRICS_PORT": "y"}
    assert [p.split(": ")[0] for p in problems_of(tmp_path, text, environ, {"wire.level": "6"})] == [
        "c.yaml:3",
        "c.yaml:2",
        "c.yaml:5",
        "env METRICS_PORT",
        "--wire.level",
    ]


def test_one_mistake_is_told_once(tmp_path):
    assert len(problems_of(tmp_path, "server:\n  port: ${NOPE}\n")) == 1
    assert len(problems_of(tmp_path, "server:\n  tls:\n    enabled: perhaps\n")) == 1


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.yaml: cannot be read: No such file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load(tmp_path)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null\n", "server:\n", "\ufeffserver: {}\n"])
def test_files_that_say_nothing(tmp_path, text):
    file = tmp_path / "c.yaml"
    file.write_text(text)
    assert load(file).settings.server.port == 8081


@pytest.mark.parametrize(
    "text", ["no", "22:22", "0123", "1e3", "true", "2030-01-01", "0x10", "1_000", "'null'", "=", "on"]
)
def test_texts_are_taken_as_they_are_written(tmp_path, text):
    """YAML's guesses (false, 1342, 83, …) never reach a text."""
    file = tmp_path / "c.yaml"
    file.write_text(f"storage:\n  postgresql:\n    password: {text}\n    database: {text}\n")
    made = load(file).settings.storage.postgresql
    assert made.password.reveal() == made.database == text.strip("'")


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("OFF", False), ("1", True), ("'false'", False)])
def test_switches(tmp_path, text, value):
    file = tmp_path / "c.yaml"
    file.write_text(f"metrics:\n  enabled: {text}\n")
    assert load(file).settings.metrics.enabled is value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("server:\n  tls:\n    enabled: true\n", "c.yaml:3: server.tls.enabled needs server.tls.cert_file"),
        ("server:\n  tls:\n    client_auth: require\n", "c.yaml:3: server.tls.client_auth needs"),
        ("storage:\n  mysql:\n    min_connections: 26\n", "c.yaml:3: storage.mysql.min_connections must not"),
        (
            "storage:\n  postgresql:\n    max_connections: 1\n    min_connections: 2\n",
            "c.yaml:4: storage.post",
        ),
        (
            "storage: {postgresql: {sslkey: k}}\n",
            "c.yaml:1: storage.postgresql.sslkey needs storage.postgresql",
        ),
        ("storage: {mysql: {key_file: k}}\n", "c.yaml:1: storage.mysql.key_file needs storage.mysql.cert"),
        ("storage: {cassandra: {key_file: k}}\n", "c.yaml:1: storage.cassandra.key_file needs storage.cas"),
        *(
            (f"storage: {{cassandra: {{hosts: [a, '{node}']}}}}\n", "c.yaml:1: storage.cassandra.hosts must")
            for node in ("", ":9042", "a:", "a:b", "a:0", "a:65536", "http://a:9042", "[::1", "::g", "a b")
        ),
        (
            "storage: {type: sqlite}\nserver: {port: 9091, workers: 2}\nmetrics:\n  port: 9090\n",
            "c.yaml:4: server.port must not be among the ports of metrics",
        ),
        ("metrics:\n  port: 8081\n", "c.yaml:2: server.port must not be among the ports of metrics"),
        ("limits:\n  search_max: 10\n", "c.yaml:2: limits.search_default must not be more than"),
        (
            "engine:\n  batch_max: 20000\n",
            "c.yaml:2: engine.batch_max must not be more than engine.queue_max",
        ),
    ],
)
def test_settings_that_do_not_go_together(tmp_path, text, problem):
    (told,) = problems_of(tmp_path, text)
    assert told.startswith(problem)


def test_not_yet_names_settings():
    for entry in NOT_YET:
        path, _, value = entry.partition("=")
        assert path in fields() or (not value and path in sections())


def unsupported_of(monkeypatch, tmp_path, text, **not_yet):
    monkeypatch.setattr(
        "registan.settings.checks.NOT_YET", {k.replace("__", "."): v for k, v in not_yet.items()}
    )
    file = tmp_path / "c.yaml"
    file.write_text(text)
    loaded = load(file)
    problems = unsupported(loaded.settings, loaded.origins)
    return [str(p).replace(str(tmp_path) + "/", "") for p in problems]


def test_not_yet_refuses_what_is_set(monkeypatch, tmp_path):
    text = "audit:\n  log_file: /a\nserver:\n  backlog: 2\n"
    assert unsupported_of(
        monkeypatch, tmp_path, text, audit="the audit log", server__backlog="the backlog"
    ) == [
        "c.yaml:2: audit.log_file: the audit log is not supported yet",
        "c.yaml:4: server.backlog: the backlog is not supported yet",
    ]


def test_not_yet_lets_defaults_and_what_is_switched_off_pass(monkeypatch, tmp_path):
    text = "audit:\n  enabled: false\n  log_file: /a\nserver:\n  backlog: 2048\n"
    assert (
        unsupported_of(monkeypatch, tmp_path, text, audit="the audit log", server__backlog="the backlog")
        == []
    )


def test_not_yet_refuses_single_values(monkeypatch, tmp_path):
    monkeypatch.setattr("registan.settings.checks.NOT_YET", {"storage.type=mysql": "MySQL"})
    mysql, sqlite = load(None, {"STORAGE_TYPE": "mysql"}), load(None, {"STORAGE_TYPE": "sqlite"})
    assert [str(p) for p in unsupported(mysql.settings, mysql.origins)] == [
        "env STORAGE_TYPE: storage.type: mysql: MySQL is not supported yet"
    ]
    assert unsupported(sqlite.settings, sqlite.origins) == []
