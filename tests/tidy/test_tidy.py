"""The house keeps its own rules: sizes, names, places. What a linter tells is not told again here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "registan"
MODULES = sorted(SOURCE.rglob("*.py"))
EVERYTHING = sorted(
    [*MODULES, *ROOT.glob("tests/**/*.py"), *ROOT.glob("scripts/**/*.py"), *ROOT.glob("bench/**/*.py")]
)

LINES_MAX = 400
"""Of a module. If a file nears it, look for the missing idea."""
TEST_LINES_MAX = 500
"""Of a file of tests, which is read a case at a time."""
FUNCTION_LINES_MAX = 70
"""A function fits a screen."""

PURE = ("model", "contract", "formats", "core")
CLOCKS = {"time", "datetime", "random", "secrets"}
"""Modules that tell something new at every call."""
CHANCE = {"uuid1", "uuid4", "urandom", "getrandbits", "perf_counter", "monotonic", "time_ns", "today", "now"}

BAD_NAMES = re.compile(r"(Manager|Helper|Util|Utils|Base|Impl)$|^(Base|Abstract|I[A-Z][a-z])")
BAD_MODULES = {"utils", "util", "helpers", "helper", "common_utils", "misc", "manager", "base", "impl"}

MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
PLACES = re.compile(r"/work/|/root/|\.\./shared|/home/\w")
"""Paths of a machine, and papers that are not in the repository."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def definitions(path: Path) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_there_is_something_to_look_at():
    assert len(MODULES) > 100


def test_no_module_is_too_long():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in EVERYTHING}
    limits = {name: TEST_LINES_MAX if name.startswith("tests/") else LINES_MAX for name in lengths}
    assert {name: length for name, length in lengths.items() if length > limits[name]} == {}


def test_no_function_is_too_long():
    """The lines of its body: a long signature or docstring is no burden."""
    long = {}
    for path in EVERYTHING:
        for function in functions(path):
            body = function.body[1:] if ast.get_docstring(function) else function.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if length > FUNCTION_LINES_MAX:
                long[f"{name_of(path)}: {function.name}"] = length
    assert long == {}


def test_every_module_opens_with_its_law():
    """What lives here: a first sentence, ended by a full stop."""
    lawless = []
    for path in MODULES:
        law = ast.get_docstring(tree_of(path)) or ""
        if not law.split("\n\n", maxsplit=1)[0].rstrip().endswith((".", ":")):
            lawless.append(name_of(path))
    assert lawless == []


def test_only_the_command_line_prints():
    printing = [
        name_of(path)
        for path in MODULES
        if room(path) != "cli"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


@pytest.mark.parametrize("pure", PURE)
def test_pure_rooms_know_neither_clock_nor_chance(pure):
    found = []
    for path in MODULES:
        if room(path) != pure:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                found += [f"{name_of(path)}: {alias.name}" for alias in node.names if alias.name in CLOCKS]
            elif isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                if node.module in CLOCKS or names & CHANCE:
                    found.append(f"{name_of(path)}: {node.module} {names}")
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CHANCE
            ):
                found.append(f"{name_of(path)}: .{node.func.attr}()")
    assert found == []


def test_paths_of_the_api_stand_in_the_contract_alone():
    """A route's path is written once; everything else asks the route."""
    from registan.core.bound import ROUTES

    paths = {route.path for route in ROUTES} - {"/"}
    elsewhere = [
        f"{name_of(path)}: {node.value}"
        for path in MODULES
        if room(path) not in ("contract", "testing")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in paths
    ]
    assert elsewhere == []


def test_names_say_what_a_thing_is():
    """Not what it does for others: no managers, no helpers, no bases."""
    bad = [
        f"{name_of(path)}: {node.name}"
        for path in EVERYTHING
        for node in definitions(path)
        if BAD_NAMES.search(node.name.lstrip("_"))
    ]
    bad += [name_of(path) for path in EVERYTHING if path.stem in BAD_MODULES]
    assert bad == []


def test_nothing_is_left_to_do_later():
    this = Path(__file__).resolve()
    marked = [name_of(path) for path in EVERYTHING if path != this and MARKS.search(path.read_text())]
    assert marked == []


def test_no_place_of_a_machine_is_named():
    this = Path(__file__).resolve()
    files = [
        *EVERYTHING,
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("*.toml"),
        ROOT / "Makefile",
    ]
    named = [name_of(path) for path in files if path != this and PLACES.search(path.read_text())]
    assert named == []


def test_unit_tests_stand_where_their_modules_stand():
    """tests/unit mirrors src: a directory for each room, and no other."""
    rooms = {name_of(path).removeprefix("src/registan/") for path in SOURCE.rglob("*") if path.is_dir()}
    tested = {
        str(path.parent.relative_to(ROOT / "tests/unit")) for path in (ROOT / "tests/unit").rglob("test_*.py")
    }
    known = {str(Path(room_.removeprefix("src/registan/"))) for room_ in rooms} | {"."}
    assert tested - known <= {"bench"}  # the tools of `make bench` stand outside of src


TESTS = sorted(ROOT.glob("tests/**/*.py"))
SESSIONS = re.compile(r"processlist|pg_stat_activity", re.IGNORECASE)
OF_ONE_DATABASE = re.compile(r"\b(db|datname) = '", re.IGNORECASE)
SERVER_WIDE = re.compile(r"\b(SET\s+GLOBAL|SET\s+PERSIST|ALTER\s+SYSTEM|FLUSH|RESET)\s+\w", re.IGNORECASE)


def sql_in(path: Path) -> Iterator[str]:
    """Texts of a file that may be statements, each with what it is given to."""
    docs = {ast.get_docstring(node, clean=False) for node in [tree_of(path), *definitions(path)]}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docs:
            yield node.value


def test_whoever_looks_at_the_sessions_of_a_server_looks_at_those_of_its_database():
    """Others run on the same server, and a session of theirs that is ended fails a test that did nothing."""
    looks = [(name_of(path), text) for path in TESTS for text in sql_in(path) if SESSIONS.search(text)]
    looks = [look for look in looks if look[0] != name_of(Path(__file__).resolve())]
    assert len(looks) >= 4
    assert [look for look in looks if not OF_ONE_DATABASE.search(look[1])] == []


def test_what_holds_for_a_whole_server_is_set_on_a_test_s_own():
    """As `SET GLOBAL`: others run on the shared one."""
    wrong = [
        (name_of(path), line)
        for path in TESTS
        for line in path.read_text().splitlines()
        if SERVER_WIDE.search(line) and ".run(" in line and "own_service" not in line
    ]
    assert wrong == []
