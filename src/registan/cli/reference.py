"""The reference page of commands, computed from what parses the command line."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc

import click

from registan.cli.main import main
from registan.cli.options import SettingsCommand, is_setting

_INTRODUCTION = """# Commands

<!-- Written by `registan docs write`; do not edit. -->

Every command explains itself with `-h` or `--help`. The exit code is 0 where all went well, 1 where it did
not (standard error says why), and 2 where the command line itself was wrong.
"""

_SETTINGS = (
    "Takes a flag for each setting that is no secret, as `--server.port 9000` ([settings](settings.md)); "
    "flags count before variables, these before the file."
)


def page() -> str:
    """The page as Markdown."""
    with click.Context(main, info_name="registan", **main.context_settings) as ctx:
        return "\n".join([_INTRODUCTION, *_section(main, ctx)]).rstrip() + "\n"


def _section(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield f"## {ctx.command_path}\n\n{cleandoc(command.help or '')}\n"
    if isinstance(command, SettingsCommand):
        yield f"{_SETTINGS}\n"
    yield from _options(command, ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below is not None, name
            with click.Context(below, parent=ctx, info_name=name) as inner:
                yield from _section(below, inner)


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    known = ctx.help_option_names
    shown = [p for p in command.get_params(ctx) if not is_setting(p) and p.opts[0] not in known]
    records = [record for p in shown if (record := p.get_help_record(ctx)) is not None]
    if records:
        yield "| Option | Meaning |\n|---|---|"
        yield from (f"| `{name}` | {meaning.replace('  ', ' ')} |" for name, meaning in records)
        yield ""
