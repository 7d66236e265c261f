"""Reading what a command is given and printing what it found: files, JSON, text in colours, errors.

What a partner sent is printed with its control characters made visible: no file shall play with a terminal.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, TypeVar

import typer

from edigw.wording import plural as plural
from edigw.wording import printable as printable

JSON: TypeAlias = dict[str, Any] | list[Any] | str | int | float | bool | None

T = TypeVar("T")

_MANY = 20  # files from which on a progress bar is worth its line
MAX_INPUT = 256_000_000  # bytes; a larger file is no EDI interchange that could be looked at by hand


class CommandError(Exception):
    """The command can't do what it was asked to: one line for standard error, exit code 2."""


def read_input(name: str) -> bytes:
    """The bytes of the file `name`, or of standard input for `-`. Raises CommandError."""
    try:
        if name == "-":
            return _bounded(sys.stdin.buffer, named(name))
        with Path(name).open("rb") as file:
            return _bounded(file, name)
    except OSError as error:
        raise CommandError(f"{name}: {reason(error)}") from error


def named(name: str) -> str:
    """A file as messages call it."""
    return "standard input" if name == "-" else name


def write_output(name: str, data: bytes) -> None:
    """Write to the file `name`, or to standard output for `-`. Raises CommandError."""
    if name == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise CommandError(f"{name}: {reason(error)}") from error


def reason(error: OSError) -> str:
    """What the operating system says, in lower case: "no such file or directory"."""
    return (error.strerror or type(error).__name__).lower()


def _bounded(file: BinaryIO, name: str) -> bytes:
    data = file.read(MAX_INPUT + 1)
    if len(data) > MAX_INPUT:
        raise CommandError(f"{name}: larger than {MAX_INPUT // 1_000_000} MB")
    return data


def print_json(value: JSON) -> None:
    """One JSON value on standard output."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(json.dumps(value, ensure_ascii=not unicode, indent=2) + "\n")


def accept_any_text() -> None:
    """Let no character be too much for the terminal: what its encoding lacks is printed as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """A line for people on standard error."""
    typer.echo(text, err=True)


def line(text: str = "") -> None:
    """A line on standard output; colours are left out where it is no terminal."""
    typer.echo(text, color=_coloured())


def styled(text: str, *, colour: str | None = None, bold: bool = False, dim: bool = False) -> str:
    """`text` for `line`."""
    return typer.style(text, fg=colour, bold=bold or None, dim=dim or None) if _coloured() else text


def _coloured() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def verdict(good: bool, failure: str) -> str:
    """Whether evidence holds, as the last line of a command; `failure` says what does not."""
    return (
        styled("VERIFIED", colour="green", bold=True)
        if good
        else styled(f"DOES NOT VERIFY: {printable(failure)}", colour="red", bold=True)
    )


def progress(items: Sequence[T], doing: str) -> Iterator[T]:
    """`items` one by one, with a bar on standard error if they are many and somebody is looking."""
    if len(items) < _MANY or not sys.stderr.isatty():
        yield from items
        return
    with typer.progressbar(items, label=doing, file=sys.stderr) as bar:
        yield from bar
