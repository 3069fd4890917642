"""Options computed from the tree of settings, for the commands that load it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from registan.settings import Loaded, Problem
    from registan.settings.fields import Field


_PREFIX = "set__"


class SettingsCommand(click.Command):
    """A command with `--config` and a flag for each setting; flags are made when first asked for."""

    _made: list[click.Parameter] | None = None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options and those of the tree."""
        if self._made is None:
            self._made = [_config_option(), *_setting_options()]
        own = super().get_params(ctx)
        return [*own[:-1], *self._made, *own[-1:]]  # help stays last


def _config_option() -> click.Option:
    return click.Option(
        ["--config", "config_file"],
        type=click.Path(path_type=Path),
        envvar="CONFIG_FILE",
        show_envvar=True,
        metavar="FILE",
        help="Configuration file (YAML).",
    )


def _setting_options() -> list[click.Parameter]:
    from registan.settings.fields import fields

    return [_option(field) for field in fields().values() if not field.is_compound]


def _option(field: Field) -> click.Option:
    from registan.settings.show import shown

    if field.is_secret:
        return click.Option(
            [f"--{field.path}", _name(field.path)], hidden=True, callback=_refuse_secret, expose_value=False
        )
    is_switch = isinstance(field.default, bool)
    default = "" if field.default in (None, "", ()) else f" [{shown(field.default, field)}]"
    return click.Option(
        [f"--{field.path}", _name(field.path)],
        metavar="[BOOL]" if is_switch else "VALUE",
        is_flag=False,
        flag_value="true" if is_switch else None,
        help=f"{field.doc}{default}",
    )


def _name(path: str) -> str:
    return _PREFIX + path.replace(".", "__")


def is_setting(option: click.Parameter) -> bool:
    """Whether it is the flag of a setting."""
    return option.name is not None and option.name.startswith(_PREFIX)


def _refuse_secret(_ctx: click.Context, option: click.Parameter, value: object) -> None:
    if value is not None:
        from registan.settings.fields import fields

        path = option.opts[0].removeprefix("--")
        env = fields()[path].env
        raise click.UsageError(
            f"{path} is a secret, and everybody on the machine can read the command line: "
            f"set {env} or {env}_FILE, or the configuration file."
        )


def loaded(ctx: click.Context, *, supported: bool = True) -> Loaded:
    """The settings from the file, the environment and the flags of this command.

    Prints all problems and ends the process with 1 if there are any; `supported` also refuses
    what this release cannot honour.
    """
    from registan.settings import SettingsError, load, unsupported
    from registan.settings.fields import fields

    flags = {path: str(text) for path in fields() if (text := ctx.params.get(_name(path))) is not None}
    try:
        made = load(ctx.params.get("config_file"), os.environ, flags)
    except SettingsError as error:
        refuse(error.problems)
    if supported and (problems := unsupported(made.settings, made.origins)):
        refuse(problems)
    return made


def refuse(problems: tuple[Problem, ...] | list[Problem]) -> NoReturn:
    """Print problems on standard error and end the process with 1."""
    for problem in problems:
        click.echo(str(problem), err=True)
    raise SystemExit(1)
