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
