"""The command `edigw`.

Commands are ordinary functions in the modules of this package. Each module adds its own by `register(app)`, and
imports what it works with inside of its functions, so that `edigw --help` answers at once.

Exit codes: 0 done or valid, 1 judged and found wanting, 2 unusable: one line on standard error says why.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

import edigw
from edigw.admin import (  # noqa: F401 - each adds its commands to `edigw log`
    anchors,
    archive,
    audit,
    evidence,
    files,
    frontdoor,
    guide,
    logbook,
    mailboxes,
    mapping,
    openpgp,
    operate,
    partner,
    receipt,
    route,
    serve,
    setup,
    user,
    witness,
)
from edigw.admin.demo import command as demo
from edigw.admin.output import CommandError, accept_any_text, reason, say

INTERRUPTED = 130  # 128 + SIGINT, as shells count
CLOSED = 141  # 128 + SIGPIPE: whoever read our output has gone

app = typer.Typer(
    name="edigw",
    help="An EDI exchange gateway: SFTP in, EDIFACT and X12 translated, SFTP out, every step provable.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"edigw {edigw.__version__}")
        raise typer.Exit


@app.callback(epilog="Every command explains itself: edigw check --help")
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


for _module in (
    demo,
    setup,
    serve,
    files,
    guide,
    mapping,
    partner,
    frontdoor,
    mailboxes,
    logbook,
    evidence,
    receipt,
    openpgp,
    route,
    operate,
    user,
    witness,
):
    _module.register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (default: those of the process) and return the exit code."""
    accept_any_text()
    try:
        code = typer.main.get_command(app).main(
            arguments if arguments is None else list(arguments), prog_name="edigw", standalone_mode=False
        )
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except typer.TyperException as error:
        return _misused(error)
    except typer.Abort:
        return INTERRUPTED
    except CommandError as error:
        say(f"edigw: {_joined(str(error))}")
        return 2
    except BrokenPipeError:
        # Python flushes standard output once more at its end; give it something that takes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED
    except Exception as error:
        return _failed(error)


def _misused(error: typer.TyperException) -> int:
    """A wrong command line; a group without a command is answered with its help."""
    text = error.format_message()
    if text.startswith("Usage:"):
        say(text)
        return 2
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "edigw"
    say(f"{path}: {text[:1].lower()}{_joined(text[1:]).rstrip('.')} (see {path} --help)")
    return 2


def _failed(error: Exception) -> int:
    """Tell an error in one line. What is not among the expected ones is a mistake in edigw."""
    if isinstance(error, _expected()):
        say(f"edigw: {_joined(str(error))}")
    elif isinstance(error, OSError) and error.filename is not None:
        say(f"edigw: {error.filename}: {reason(error)}")
    else:
        say(f"edigw: this is a bug: {type(error).__name__}: {_joined(str(error))} (EDIGW_DEBUG=1 shows where)")
    if os.environ.get("EDIGW_DEBUG") == "1":
        traceback.print_exception(error)
    return 2


def _expected() -> tuple[type[Exception], ...]:
    """The errors that speak for themselves. Imported here: only a failure needs them."""
    from edigw.directory import OwnDirectoryError
    from edigw.directory.guides.errors import GuideError
    from edigw.log.errors import LogError
    from edigw.mapping.errors import BindingError
    from edigw.openpgp.errors import OpenPgpKeyError
    from edigw.partners.errors import ConfigError
    from edigw.store.errors import StoreError
    from edigw.transport.errors import TransportError
    from edigw.transport.keys import KeyProblem

    return (
        BindingError,
        ConfigError,
        GuideError,
        KeyProblem,
        OpenPgpKeyError,
        LogError,
        OwnDirectoryError,
        StoreError,
        TransportError,
    )


def _joined(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
