"""The command `registan` and its sub-commands.

What lives here: names, options and exit codes. What never does: work; each command loads the
module that does it when it runs.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from registan import __version__
from registan.cli.options import SettingsCommand, loaded

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="registan", message="%(prog)s %(version)s")
def main() -> None:
    """A schema registry for Kafka messages."""


@main.command(cls=SettingsCommand)
@click.pass_context
def serve(ctx: click.Context, /, **_flags: object) -> None:
    """Run the registry."""
    made = loaded(ctx)
    import logging

    from registan.observe import logs

    logs.configure(made.settings.logging)
    for note in made.notes:
        logging.getLogger("registan").warning(note)
    importlib.import_module("registan.app").serve(made.settings)


@main.group()
def config() -> None:
    """Look at the configuration."""


@config.command(cls=SettingsCommand)
@click.pass_context
def show(ctx: click.Context, /, **_flags: object) -> None:
    """Print the settings that hold, and where each is from; secrets are left out."""
    made = loaded(ctx, supported=False)
    from registan.settings.show import show as text

    click.echo(text(made), nl=False)


@config.command(cls=SettingsCommand)
@click.pass_context
def check(ctx: click.Context, /, **_flags: object) -> None:
    """Print every problem; the exit code is 1 if there is one."""
    made = loaded(ctx)
    for note in made.notes:
        click.echo(f"warning: {note}", err=True)
    click.echo("The configuration is good.")


@main.group()
def store() -> None:
    """Copy and examine what a registry keeps; none needs to run."""


@store.command(name="copy")
@click.option(
    "--from", "source", type=click.Path(path_type=Path), required=True, metavar="FILE", help="Configuration."
)
@click.option(
    "--to", "target", type=click.Path(path_type=Path), required=True, metavar="FILE", help="Configuration."
)
def copy_(source: Path, target: Path) -> None:
    """Copy everything in the store of one configuration into the empty store of another.

    Stop the registries of both first. The log, records, ids and GUIDs are the same afterwards, which is
    proved by comparing them. A copy that was interrupted goes on when started again. Only the files
    count, not variables of the environment. The exit code is 0 when both stores hold the same, else 1.
    """
    from registan.cli import store as command

    command.copy_store(command.of_file(source), command.of_file(target))


@store.command(name="check", cls=SettingsCommand)
@click.pass_context
def check_(ctx: click.Context, /, **_flags: object) -> None:
    """Look for damage in the store: one finding a line, and exit code 1 if there is one.

    Looks for holes in the log, records that the log does not add up to, versions without a schema,
    references that lead nowhere, schemas that cannot be read, wrong GUIDs and id counters.
    """
    from registan.cli import store as command

    command.check_store(loaded(ctx).settings)


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(f"registan {__version__}")


@main.group()
def docs() -> None:
    """Write the reference pages (for those who work on Registan)."""


@docs.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("docs"), help="Directory. [docs]"
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit with 1 if a page is outdated.")
def write(out: Path, *, only_check: bool) -> None:
    """Write all pages that are computed from tables."""
    from registan.cli import pages

    changed = pages.outdated(out) if only_check else pages.write_all(out)
    for file in changed:
        click.echo(f"{'outdated' if only_check else 'wrote'} {file}")
    if only_check and changed:
        raise SystemExit(1)


@main.command()
@click.option("--url", help="Where the registry is; else as the configuration says, on this host.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    envvar="CONFIG_FILE",
    show_envvar=True,
    metavar="FILE",
    help="Configuration file (YAML).",
)
@click.option("--timeout", default="5s", help="How long to wait. [5s]")
@click.option("--ca-file", help="Authorities to check the certificate against, PEM.")
@click.option("--insecure", is_flag=True, help="Do not check the certificate.")
@click.pass_context
def health(
    ctx: click.Context, /, url: str | None, timeout: str, ca_file: str | None, *, insecure: bool, **_: object
) -> None:
    """Exit with 0 if a running registry is ready."""
    from registan.cli.health import address, ask
    from registan.settings.units import parse_duration

    try:
        timeout_s = parse_duration(timeout)
    except ValueError as error:
        raise click.BadParameter(f"{timeout!r} {error}.", param_hint="--timeout") from None
    where = url or address(loaded(ctx, supported=False).settings.server)
    ready, line = ask(where, timeout_s, ca_file, insecure=insecure)
    click.echo(line, err=not ready)
    if not ready:
        raise SystemExit(1)
