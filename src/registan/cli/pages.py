"""The reference pages that are computed: each a path below docs/ and a function that writes it.

To add one, write a function here that imports the table late and returns the whole text.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Page = Callable[[], str]

PAGES: dict[str, Page] = {}
"""Text by path below the directory of documents."""


def page(path: str) -> Callable[[Page], Page]:
    """Register the function that writes a page."""

    def register(write: Page) -> Page:
        assert path not in PAGES, path
        PAGES[path] = write
        return write

    return register


@page("reference/settings.md")
def settings_page() -> str:
    """Every setting with its names, values and default."""
    from registan.settings import reference

    return reference.page()


@page("reference/cli.md")
def cli_page() -> str:
    """Every command with its options."""
    from registan.cli import reference

    return reference.page()


@page("reference/metrics.md")
def metrics_page() -> str:
    """Every metric with its labels."""
    from registan.observe import metric_page

    return metric_page.page()


@page("reference/routes.md")
def routes_page() -> str:
    """Every route of the API."""
    from registan.contract import reference

    return reference.routes_page()


@page("reference/faults.md")
def faults_page() -> str:
    """Every error of the API."""
    from registan.contract import reference

    return reference.faults_page()


@page("reference/rules.md")
def rules_page() -> str:
    """Every compatibility rule."""
    from registan.formats import reference

    return reference.rules_page()


@page("reference/openapi.json")
def openapi_page() -> str:
    """The description of the API for machines."""
    import json

    from registan import __version__
    from registan.contract.openapi import document
    from registan.contract.routes import ROUTES

    return json.dumps(document(ROUTES, __version__), indent=1, ensure_ascii=False) + "\n"


def outdated(root: Path) -> list[Path]:
    """Pages below `root` that are missing or differ from what would be written."""
    found = []
    for path, write in PAGES.items():
        file = root / path
        if not file.is_file() or file.read_text(encoding="utf-8") != write():
            found.append(file)
    return found


def write_all(root: Path) -> list[Path]:
    """Write the pages that are outdated; returns them."""
    changed = outdated(root)
    for path, write in PAGES.items():
        file = root / path
        if file in changed:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(write(), encoding="utf-8")
    return changed
