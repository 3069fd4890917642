"""Reference pages are computed; those in the repository are the computed ones."""

from pathlib import Path

from click.testing import CliRunner

from registan.cli.main import main
from registan.cli.pages import PAGES, outdated
from registan.observe.metric_table import METRICS
from registan.settings.fields import fields

DOCS = Path(__file__).parents[3] / "docs"


def test_the_pages_of_the_repository_are_up_to_date():
    assert outdated(DOCS) == [], "run: registan docs write"


def test_write_and_check(tmp_path):
    run = CliRunner().invoke
    out = str(tmp_path / "docs")
    assert run(main, ["docs", "write", "--out", out, "--check"]).exit_code == 1
    first = run(main, ["docs", "write", "--out", out])
    assert (first.exit_code, len(first.output.splitlines())) == (0, len(PAGES))
    assert run(main, ["docs", "write", "--out", out]).output == ""
    assert run(main, ["docs", "write", "--out", out, "--check"]).exit_code == 0
    (tmp_path / "docs/reference/settings.md").write_text("old")
    again = run(main, ["docs", "write", "--out", out, "--check"])
    assert (again.exit_code, again.output) == (1, f"outdated {out}/reference/settings.md\n")


def test_the_settings_page_names_every_setting():
    text = PAGES["reference/settings.md"]()
    for field in fields().values():
        assert f"| `{field.path}` | `{field.env}` |" in text


def test_the_page_of_commands_names_every_command_and_option():
    text = PAGES["reference/cli.md"]()
    for command in (
        "serve",
        "config show",
        "config check",
        "store copy",
        "store check",
        "version",
        "docs write",
        "health",
    ):
        assert f"\n## registan {command}\n" in text
    sections = {part.partition("\n")[0]: part for part in text.split("\n## ")}
    assert "| `--from FILE` | Configuration. [required] |" in sections["registan store copy"]
    assert (
        "| `--config FILE` | Configuration file (YAML). [env var: CONFIG_FILE] |"
        in sections["registan serve"]
    )
    assert "--version" in sections["registan"]


def test_the_page_of_commands_leaves_settings_to_their_own_page():
    text = PAGES["reference/cli.md"]()
    assert not any(f"`--{path} " in text for path in fields() if path != "server.port")
    assert text.count("Takes a flag for each setting") == 4


def test_the_metrics_page_names_every_metric():
    text = PAGES["reference/metrics.md"]()
    for metric in METRICS:
        assert f"`{metric.name}`" in text


def test_tables_have_the_same_number_of_cells_in_every_row():
    for path, write in PAGES.items():
        width = 0
        for line in write().splitlines():
            if not line.startswith("|"):
                width = 0
                continue
            cells = line.count("|")
            assert width in (0, cells), f"{path}: {line}"
            width = cells
