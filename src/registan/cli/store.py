"""The commands on a store itself: copying it, and examining it. No registry needs to run.

What lives here: configurations, what is printed, exit codes. What never does: the work
(runtime/moving.py, runtime/examination.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import click

from registan.app import limit_formats, make_store
from registan.cli.options import refuse
from registan.runtime.examination import examine
from registan.runtime.moving import Refused, copy
from registan.settings import SettingsError, defaults_of, load, unsupported
from registan.settings.tree import Settings
from registan.store.protocol import Store, TooNew, Unavailable

T = TypeVar("T")

SHOW_EVERY_S = 1.0


def of_file(file: Path) -> Settings:
    """The settings of one file alone: variables of the environment would speak for both ends of a copy.

    Prints all problems and ends the process with 1 if there are any.
    """
    try:
        made = load(file, os.environ, file_only=True)
    except SettingsError as error:
        refuse(error.problems)
    problems = [p for p in unsupported(made.settings, made.origins) if p.what.startswith("storage.")]
    if problems:
        refuse(problems)
    return made.settings


def copy_store(source: Settings, target: Settings) -> None:
    """Copy one store into another and say how it went. Ends the process with 1 where it did not go well."""
    _run(_copy(existing(source, "--from"), lasting(target, "--to"), same=_are_one(source, target)))


def check_store(settings: Settings) -> None:
    """Print what is wrong with a store, one finding a line. Ends the process with 1 if anything is."""
    store = existing(settings, "--config")
    limit_formats(settings)
    _run(_check(store, settings))


def lasting(settings: Settings, option: str) -> Store:
    """A store that outlives the process."""
    if settings.storage.type == "memory":
        _fail(f"{option}: storage.type is memory, which lives and ends with its process")
    return make_store(settings)


def existing(settings: Settings, option: str) -> Store:
    """A store that is there already: opening a file by a wrong name would make it."""
    if settings.storage.type == "sqlite" and not Path(settings.storage.sqlite.path).is_file():
        _fail(f"{option}: there is no file {settings.storage.sqlite.path}")
    return lasting(settings, option)


def _are_one(source: Settings, target: Settings) -> bool:
    """Whether both name one store, as far as that can be told: a file may be spelt in many ways."""
    kind = source.storage.type
    if kind == target.storage.type == "sqlite":
        here, there = Path(source.storage.sqlite.path), Path(target.storage.sqlite.path)
        return there.exists() and here.samefile(there)
    return kind == target.storage.type and getattr(source.storage, kind) == getattr(target.storage, kind)


def _fail(text: str) -> None:
    click.echo(text, err=True)
    raise SystemExit(1)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (Refused, Unavailable, TooNew) as error:
        click.echo(str(error), err=True)
    raise SystemExit(1)


async def _copy(source: Store, target: Store, *, same: bool) -> None:
    if same:
        raise Refused("--from and --to are one store")
    started = shown = monotonic()

    def progress(seq: int, of: int) -> None:
        nonlocal shown
        if monotonic() - shown >= SHOW_EVERY_S:
            shown = monotonic()
            click.echo(f"commit {seq} of {of}", err=True)

    await source.open()
    try:
        await target.open()
        try:
            done = await copy(source, target, progress)
        finally:
            await target.close()
    finally:
        await source.close()
    click.echo(
        f"Copied {done.written} commits, up to {done.seq}, in {monotonic() - started:.1f} s. "
        f"Commits {done.first} to {done.seq} and {done.records} records are equal in both stores."
    )


async def _check(store: Store, settings: Settings) -> None:
    await store.open()
    try:
        found = await examine(store, defaults_of(settings))
    finally:
        await store.close()
    for finding in found.findings:
        click.echo(str(finding))
    pruned = f" (what came before {found.first} was pruned)" if found.first > 1 else ""
    summary = f"{found.records} records and commits {found.first} to {found.seq}{pruned}"
    if found.findings:
        left = "" if found.compared else " Records were not compared with the log: a part of them is missing."
        click.echo(f"{len(found.findings)} findings in {summary}.{left}", err=True)
        raise SystemExit(1)
    click.echo(f"{summary}: nothing wrong.")
