"""The documents keep pace with the repository: what they name exists, what they link to is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMES = [str(document.relative_to(ROOT)) for document in DOCUMENTS]

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(
    r"(?:src|tests|docs|scripts|requirements|bench|\.ci)/[\w./*-]*|[\w-]+\.(?:md|toml)|Makefile"
)
VERB = re.compile(r"\bmake ([a-z][a-z-]*)")
CITATION = re.compile(r"(docs/\w+\.md), ")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def prose(document: Path) -> str:
    """The text without its blocks of code."""
    return FENCED.sub("", document.read_text())


def headings(document: Path) -> list[str]:
    """The headings of a document, in lower case, without marks."""
    return [re.sub(r"[`*]", "", heading).strip().lower() for heading in HEADING.findall(prose(document))]


def anchor(heading: str) -> str:
    """The fragment under which a heading is reached."""
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


@pytest.fixture(params=DOCUMENTS, ids=NAMES)
def document(request: pytest.FixtureRequest) -> Path:
    """Each document in turn."""
    path: Path = request.param
    return path


def test_named_paths_exist(document: Path) -> None:
    """A path of the repository written as code is there, from the root or from the document."""
    named = [name for name in CODE.findall(prose(document)) if PATH.fullmatch(name)]
    missing = [name for name in named if not _found(ROOT, name) and not _found(document.parent, name)]
    assert not missing


def test_relative_links_resolve(document: Path) -> None:
    """A link inside the repository leads to a file and, with a fragment, to a heading of it."""
    broken = []
    for link in LINK.findall(prose(document)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, fragment = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (fragment and fragment not in map(anchor, headings(target))):
            broken.append(link)
    assert not broken


def test_named_verbs_exist(document: Path) -> None:
    """What a document says to `make` is a target of the Makefile."""
    text = document.read_text()
    code = [*CODE.findall(text), *FENCED.findall(text)]
    verbs = {verb for piece in code for verb in VERB.findall(piece)}
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert verbs <= targets


def test_named_settings_exist(document: Path) -> None:
    """A dotted name that begins like a setting is one, or the name of a route."""
    settings = (ROOT / "docs/reference/settings.md").read_text()
    routes = (ROOT / "docs/reference/routes.md").read_text()
    sections = set(re.findall(r"^## ([a-z_.]+)$", settings, re.MULTILINE))
    known = {*re.findall(r"^\| `([a-z_.]+)` \|", settings + routes, re.MULTILINE), *sections}
    tops = {name.partition(".")[0] for name in sections}
    named = [name for name in CODE.findall(prose(document)) if re.fullmatch(r"[a-z_]+(\.[a-z_*]+)+", name)]
    unknown = [
        name
        for name in named
        if name.partition(".")[0] in tops and name.removesuffix(".*") not in known and not _found(ROOT, name)
    ]
    assert not unknown


def test_named_metrics_exist(document: Path) -> None:
    """A name that begins like a metric of ours is one."""
    known = set(re.findall(r"\bschema_registry_\w+", (ROOT / "docs/reference/metrics.md").read_text()))
    code = " ".join(CODE.findall(prose(document)))
    named = set(re.findall(r"(?<![\w/])schema_registry_\w+", code)) - {"schema_registry_converter"}
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in named} <= known


def test_named_contracts_exist(document: Path) -> None:
    """A contract that a document names is one of import-linter's."""
    contracts = re.findall(r'^name = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert set(re.findall(r'contract "([^"]+)"', document.read_text())) <= set(contracts)


def test_citations_are_headings() -> None:
    """The code cites documents by a heading, which is there."""
    lost = [
        f"{file.relative_to(ROOT)}: {cited[:60]}"
        for file in sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py")])
        if file != Path(__file__).resolve()
        for page, cited in _citations(file.read_text())
        if not any(re.match(re.escape(heading) + r"s?(?!\w)", cited) for heading in headings(ROOT / page))
    ]
    assert not lost


def test_citations_are_found() -> None:
    """A citation in a docstring is seen by the test above."""
    assert list(_citations((ROOT / "src/registan/core/effective.py").read_text())) != []


def _citations(text: str) -> Iterator[tuple[str, str]]:
    flat = re.sub(r"\s+(?:#:? )?\s*", " ", text)
    for match in CITATION.finditer(flat):
        yield match[1], flat[match.end() : match.end() + 100].lower()


def _found(base: Path, name: str) -> bool:
    return any(base.glob(name)) if "*" in name else (base / name).exists()
