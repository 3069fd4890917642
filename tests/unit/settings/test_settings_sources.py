"""Order of the sources, names of other registries, interpolation, secrets from files."""

import pytest

from registan.settings import SettingsError, load
from registan.settings.aliases import ENV_ALIASES, FILE_ALIASES, NEEDLESS, NEEDLESS_ENV
from registan.settings.fields import children, fields, sections, value_of


def write(tmp_path, text):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return file


def problems_of(tmp_path, text, environ=None, flags=None):
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text), environ, flags)
    return [str(p).replace(str(tmp_path) + "/", "") for p in caught.value.problems]


def test_defaults_then_file_then_environment_then_flags(tmp_path):
    file = write(tmp_path, "server:\n  port: 1001\n  host: file\n  read_timeout: 5s\n")
    environ = {"SERVER_PORT": "1002", "SERVER_HOST": "env"}
    loaded = load(file, environ, {"server.port": "1003"})
    server = loaded.settings.server
    assert (server.port, server.host, server.read_timeout_s, server.workers) == (1003, "env", 5.0, 1)
    origins = {
        key: str(loaded.origins[f"server.{key}"]) for key in ("port", "host", "read_timeout", "workers")
    }
    assert origins == {
        "port": "--server.port",
        "host": "env SERVER_HOST",
        "read_timeout": f"{file}:4",
        "workers": "default",
    }


def test_a_bad_value_is_refused_though_a_later_source_replaces_it(tmp_path):
    assert problems_of(tmp_path, "server:\n  port: none\n", {"SERVER_PORT": "1"}) == [
        "config.yaml:2: server.port must be a whole number, not 'none'"
    ]


def test_every_setting_has_its_own_names():
    names = [field.env for field in fields().values()]
    names += [f"{field.env}_FILE" for field in fields().values() if field.is_secret]
    assert len(names) == len(set(names))


def test_every_setting_is_described():
    assert [path for path, field in fields().items() if not field.doc.endswith(".")] == []


def test_every_scalar_and_list_can_be_set_by_its_variable():
    """The default's own text, given by variable, is read as the default."""
    from registan.settings.show import shown

    for path, field in fields().items():
        if field.is_secret or field.default in (None, "", ()):
            continue
        text = shown(field.default, field).strip("[]{}").replace('"', "")
        if field.is_compound:
            text = "{}"
        loaded = load(None, {field.env: text})
        assert value_of(loaded.settings, path) == field.default, path
        assert str(loaded.origins[path]) == f"env {field.env}"


def test_an_empty_variable_is_not_set():
    assert load(None, {"SERVER_PORT": "", "SQLITE_PATH": ""}).settings.server.port == 8081


def test_prefixed_variables_are_accepted_and_the_guides_win():
    environ = {"SCHEMA_REGISTRY_STORAGE_TYPE": "sqlite", "SCHEMA_REGISTRY_HOST": "a", "SERVER_HOST": "b"}
    loaded = load(None, environ)
    assert loaded.settings.storage.type == "sqlite"
    assert loaded.settings.server.host == "b"
    assert loaded.notes == ("env SCHEMA_REGISTRY_HOST: ignored, since env SERVER_HOST is set",)


@pytest.mark.parametrize(
    ("name", "text", "path", "value"),
    [
        ("SCHEMA_REGISTRY_HOST", "h", "server.host", "h"),
        ("SCHEMA_REGISTRY_PORT", "8085", "server.port", 8085),
        ("SCHEMA_REGISTRY_READ_TIMEOUT", "30", "server.read_timeout", 30.0),
        ("SCHEMA_REGISTRY_PG_HOST", "h", "storage.postgresql.host", "h"),
        ("SCHEMA_REGISTRY_PG_SSLMODE", "require", "storage.postgresql.sslmode", "require"),
        ("SCHEMA_REGISTRY_PG_MAX_OPEN_CONNS", "7", "storage.postgresql.max_connections", 7),
        ("SCHEMA_REGISTRY_MYSQL_HOST", "h", "storage.mysql.host", "h"),
        ("SCHEMA_REGISTRY_MYSQL_TLS", "skip-verify", "storage.mysql.tls", "skip-verify"),
        ("SCHEMA_REGISTRY_CASSANDRA_CONSISTENCY", "ONE", "storage.cassandra.consistency_level", "ONE"),
        ("SCHEMA_REGISTRY_COMPATIBILITY_LEVEL", "full", "compatibility.level", "FULL"),
        ("SCHEMA_REGISTRY_SCHEMA_COMPATIBILITY_LEVEL", "none", "compatibility.level", "NONE"),
        ("SCHEMA_REGISTRY_LOG_LEVEL", "warn", "logging.level", "warn"),
        ("SCHEMA_REGISTRY_TLS_CERT_FILE", "/c", "server.tls.cert_file", "/c"),
    ],
)
def test_variables_of_other_registries(name, text, path, value):
    assert value_of(load(None, {name: text}).settings, path) == value


def test_aliases_point_at_settings():
    known = {*fields(), *sections()}
    assert {path for path in (*FILE_ALIASES.values(), *ENV_ALIASES.values()) if path not in known} == set()
    assert FILE_ALIASES.keys().isdisjoint(known)


def test_keys_of_other_registries(tmp_path):
    text = """
compatibility:
  default_level: FULL
security:
  tls:
    enabled: false
    cert_file: /c
  rate_limiting:
    enabled: false
    burst_size: 5
storage:
  postgresql:
    ssl_mode: require
    max_open_conns: 9
    conn_max_lifetime: 300
"""
    settings = load(write(tmp_path, text)).settings
    assert settings.compatibility.level == "FULL"
    assert settings.server.tls.cert_file == "/c"
    assert settings.rate_limit.burst == 5
    assert settings.storage.postgresql.sslmode == "require"
    assert settings.storage.postgresql.max_connections == 9
    assert settings.storage.postgresql.max_connection_lifetime_s == 300.0


def test_keys_of_other_registries_that_nothing_hangs_on_are_noted(tmp_path):
    text = "storage:\n  cassandra:\n    id_block_size: 50\n  mysql: {health_check_timeout: 2}\n"
    notes = load(write(tmp_path, text), {"SCHEMA_REGISTRY_CASSANDRA_MAX_RETRIES": "50"}).notes
    assert [note.partition(str(tmp_path))[2] or note for note in notes if "no effect" in note] == [
        "/config.yaml:3: storage.cassandra.id_block_size has no effect: ids come from the log, one by one",
        "/config.yaml:4: storage.mysql.health_check_timeout has no effect: every question has a time-out",
        "env SCHEMA_REGISTRY_CASSANDRA_MAX_RETRIES: has no effect: see engine.attempts_max",
    ]


def test_keys_without_effect_are_no_settings():
    assert {*NEEDLESS}.isdisjoint({*fields(), *sections(), *FILE_ALIASES})
    assert {*NEEDLESS_ENV}.isdisjoint({*ENV_ALIASES, *(field.env for field in fields().values())})


def test_an_alias_beside_its_setting_is_given_twice(tmp_path):
    text = "compatibility:\n  level: FULL\n  default_level: NONE\n"
    assert problems_of(tmp_path, text) == [
        "config.yaml:3: compatibility.level is given twice, first at config.yaml:2"
    ]


def test_links_of_a_service_are_no_ports():
    """Kubernetes sets these for a service called schema-registry or postgres."""
    environ = {
        "SCHEMA_REGISTRY_PORT": "tcp://10.0.0.1:8081",
        "SCHEMA_REGISTRY_SERVICE_PORT": "8081",
        "SCHEMA_REGISTRY_PORT_8081_TCP_PORT": "8081",
        "POSTGRES_PORT": "tcp://10.0.0.2:5432",
        "STORAGE_TYPE": "sqlite",
    }
    loaded = load(None, environ)
    assert loaded.settings.server.port == 8081
    assert loaded.settings.storage.postgresql.port == 5432
    assert sorted(note.partition(":")[0] for note in loaded.notes) == [
        "env POSTGRES_PORT",
        "env SCHEMA_REGISTRY_PORT",
    ]


def test_a_slip_in_a_variable_is_noted():
    notes = load(None, {"COMPATIBILTY_LEVEL": "FULL", "STORAGE_TYPES": "sqlite"}).notes
    assert "env STORAGE_TYPES: not a setting; did you mean STORAGE_TYPE?" in notes


def test_lists_in_variables_and_flags():
    assert load(None, {"AUDIT_INCLUDE": "a, b"}).settings.audit.include == ("a", "b")
    assert load(None, {"AUDIT_INCLUDE": '["a,b"]'}).settings.audit.include == ("a,b",)
    assert load(None, {}, {"storage.cassandra.hosts": "x,y"}).settings.storage.cassandra.hosts == ("x", "y")


def test_users_in_a_variable_are_json():
    text = '[{"username": "u", "password": "$2b$12$x", "roles": ["admin"]}]'
    (user,) = load(None, {"AUTH_BASIC_USERS": text}).settings.auth.basic.users
    assert (user.username, user.password.reveal(), user.roles) == ("u", "$2b$12$x", ("admin",))


def test_bad_json_in_a_variable_is_not_quoted():
    for text in ("hunter2", '{"a": "hunter2", "a": "hunter2"}', "[" * 100_000):
        with pytest.raises(SettingsError) as caught:
            load(None, {"AUTH_BASIC_USERS": text})
        assert "auth.basic.users" in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_secrets_from_files(tmp_path):
    file = tmp_path / "password"
    file.write_text("pass word\n")
    loaded = load(None, {"POSTGRES_PASSWORD_FILE": str(file)})
    assert loaded.settings.storage.postgresql.password.reveal() == "pass word"
    with pytest.raises(SettingsError, match=r"env MYSQL_PASSWORD_FILE: the file .* cannot be read: No such"):
        load(None, {"MYSQL_PASSWORD_FILE": str(tmp_path / "none")})


def test_interpolation(tmp_path):
    text = """
storage:
  postgresql:
    password: ${PGPASS}
    host: "${HOST:-db}.example.com"
    user: ${EMPTY:-fallback}
    database: '$${literal}'
    port: ${PORT}
"""
    environ = {"PGPASS": "a: ${HOST} # $2a", "EMPTY": "", "PORT": "5433"}
    made = load(write(tmp_path, text), environ).settings.storage.postgresql
    assert made.password.reveal() == "a: ${HOST} # $2a"
    assert (made.host, made.user, made.database, made.port) == (
        "db.example.com",
        "fallback",
        "${literal}",
        5433,
    )


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("${NOPE}", "the value needs the environment variable NOPE, which is not set"),
        ("hunter2${NOPE", "the value has '${' without '}' (write $${ for a literal ${)"),
        ("hunter2${A B}", "the value has a '${…}' that is neither ${NAME} nor ${NAME:-default}"),
        ("${}", "the value has a '${…}' that is neither ${NAME} nor ${NAME:-default}"),
    ],
)
def test_interpolation_that_fails(tmp_path, value, what):
    text = f"storage:\n  postgresql:\n    password: '{value}'\n"
    assert problems_of(tmp_path, text) == [f"config.yaml:3: {what}"]


def test_children_name_every_key():
    assert children()["storage.sqlite"] == ("path",)
    assert {"server", "storage", "logging"} <= set(children()[""])
