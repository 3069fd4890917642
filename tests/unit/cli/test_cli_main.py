"""The command line: what is printed where, and exit codes."""

import subprocess
import sys
import tomllib
import types
from pathlib import Path

import pytest
from click.testing import CliRunner

from registan import __version__
from registan.cli.main import main
from registan.settings.checks import DRIVERS
from registan.settings.fields import fields

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


@pytest.fixture
def run(monkeypatch):
    for name in [field.env for field in fields().values()] + ["CONFIG_FILE"]:
        monkeypatch.delenv(name, raising=False)
    return lambda *args, env=None: CliRunner().invoke(main, args, env=env, prog_name="registan")


def test_version(run):
    for args in (["version"], ["--version"]):
        result = run(*args)
        assert (result.exit_code, result.output) == (0, f"registan {__version__}\n")


def test_help_loads_no_settings():
    """`registan --help` is quick: neither msgspec nor yaml nor prometheus_client is loaded."""
    code = (
        "import sys\nfrom registan.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted(m for m in ('msgspec', 'yaml', 'asyncio', 'uvicorn', 'prometheus_client') "
        "if m in sys.modules))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.splitlines()[-1] == "[]"
    assert "serve" in made.stdout


def test_yaml_is_loaded_only_for_a_file():
    code = "import sys\nfrom registan.settings import load\nload()\nprint('yaml' in sys.modules)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout == "False\n"


def test_every_setting_that_is_no_secret_has_a_flag(run):
    text = run("serve", "--help").output
    for path, field in fields().items():
        assert (f"--{path} " in text or f"--{path}\n" in text) == (
            not field.is_secret and not field.is_compound
        ), path


def test_check_tells_all_problems_at_once(run, tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("server:\n  port: x\n  hots: a\n")
    result = run(
        "config", "check", "--config", str(file), "--logging.level", "loud", env={"METRICS_PORT": "y"}
    )
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 4
    assert f"{file}:3: server.hots is not a setting; did you mean server.host?" in result.stderr


def test_check_is_content_and_warns(run):
    result = run("config", "check", "--storage.type", "memory")
    assert (result.exit_code, result.stdout) == (0, "The configuration is good.\n")
    assert "NOTHING IS SAVED" in result.stderr


@pytest.mark.parametrize(
    ("kind", "module", "extra"),
    [
        ("postgresql", "asyncpg", "postgres"),
        ("mysql", "asyncmy", "mysql"),
        ("cassandra", "cassandra", "cassandra"),
    ],
)
def test_a_missing_driver_is_a_problem_of_the_configuration(run, monkeypatch, kind, module, extra):
    loaded = [name for name in sys.modules if name.partition(".")[0] == module]
    for name in {module, *loaded}:
        monkeypatch.setitem(sys.modules, name, None)
    for command in (["serve"], ["config", "check"], ["store", "check"]):
        result = run(*command, env={"STORAGE_TYPE": kind})
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"env STORAGE_TYPE: storage.type: {kind} needs a driver (")
        assert result.stderr.endswith(f"): pip install 'registan[{extra}]'\n")


def test_the_extras_that_problems_name_bring_the_drivers():
    extras = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    for module, extra in DRIVERS.values():
        assert any(each.startswith(module.partition(".")[0]) for each in extras[extra]), extra


def test_check_refuses_what_is_not_built(run, monkeypatch):
    monkeypatch.setattr("registan.settings.checks.NOT_YET", {"server.backlog": "the backlog"})
    result = run("config", "check", "--server.backlog", "2")
    assert (result.exit_code, result.stderr) == (
        1,
        "--server.backlog: server.backlog: the backlog is not supported yet\n",
    )
    assert run("config", "show", "--server.backlog", "2").exit_code == 0


def test_show_prints_origins_and_no_secret(run, tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("storage:\n  mysql:\n    password: hunter2\n")
    result = run("config", "show", "--server.port", "9000", env={"CONFIG_FILE": str(file)})
    assert result.exit_code == 0
    assert "hunter2" not in result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert ["password:", '"***"', "#", f"{file}:3"] in lines
    assert ["port:", "9000", "#", "--server.port"] in lines


def test_a_switch_needs_no_value(run):
    assert "access: true " in run("config", "show", "--logging.access").output
    assert "enabled: false " in run("config", "show", "--metrics.enabled", "false").output


def test_a_secret_is_no_flag_and_the_error_teaches(run):
    result = run("serve", "--storage.postgresql.password", "hunter2")
    assert result.exit_code == 2
    assert "POSTGRES_PASSWORD_FILE" in result.stderr
    assert "hunter2" not in result.output + result.stderr


def test_an_unknown_flag_names_the_nearest(run):
    result = run("serve", "--server.prt", "1")
    assert result.exit_code == 2
    assert "--server.port" in result.stderr


@pytest.fixture
def served(monkeypatch):
    """Stands in for the composition root and remembers what it was given."""
    got = []
    app = types.ModuleType("registan.app")
    app.serve = got.append
    monkeypatch.setitem(sys.modules, "registan.app", app)
    monkeypatch.setattr("registan.observe.logs.configure", lambda settings, stream=None: None)
    return got


def test_serve_hands_the_settings_over_and_warns(run, served, caplog):
    result = run("serve", "--server.port", "9000")
    assert result.exit_code == 0, result.output
    assert served[0].server.port == 9000
    assert [r.levelname for r in caplog.records if "NOTHING IS SAVED" in r.message] == ["WARNING"]


def test_serve_refuses_a_bad_configuration(run, served):
    result = run("serve", "--config", "/nowhere/c.yaml")
    assert (result.exit_code, served) == (1, [])
    assert result.stderr == "/nowhere/c.yaml: cannot be read: No such file or directory\n"
