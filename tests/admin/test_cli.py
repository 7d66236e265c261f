"""The command as a whole: help, versions, wrong command lines, and errors in one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import typer

import edigw
from edigw.admin import cli
from edigw.admin.output import CommandError, printable
from edigw.partners import ConfigError
from tests.admin.texts import ORDERS

Capture = pytest.CaptureFixture[str]


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "edigw.admin.cli", *arguments], input=stdin, capture_output=True, timeout=60
    )


def commands(command: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of every command that does something, groups resolved."""
    if not isinstance(command, typer.core.TyperGroup):
        return [path]
    return [found for name, inner in command.commands.items() for found in commands(inner, (*path, name))]


ALL = commands(typer.main.get_command(cli.app))


def test_a_dash_reads_standard_input() -> None:
    done = run("check", "-", stdin=ORDERS)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"standard input: valid\n")


def test_the_version_is_printed(capsys: Capture) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"edigw {edigw.__version__}\n"


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...], capsys: Capture) -> None:
    assert cli.main([*path, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Example" in text
    assert f"edigw {' '.join(path)}" in text.partition("Example")[2]


def test_help_needs_no_heavy_library() -> None:
    heavy = "{'sqlalchemy', 'asyncssh', 'paramiko', 'lxml', 'rich', 'cryptography', 'msgspec', 'alembic'}"
    code = f"import sys; from edigw.admin.cli import main; main(['--help']); print(sys.modules.keys() & {heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["chek"], "edigw: no such command 'chek'. Did you mean 'check'? (see edigw --help)\n"),
        (["check", "--bla", "x"], "edigw check: no such option: --bla (see edigw check --help)\n"),
        (["check"], "edigw check: missing argument 'FILE' (see edigw check --help)\n"),
        (["show", "a", "b"], "edigw show: got unexpected extra argument(s) (b) (see edigw show --help)\n"),
        (["check", "/nonexistent/po.edi"], "edigw: /nonexistent/po.edi: no such file or directory\n"),
        (["show", "/"], "edigw: /: is a directory\n"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_one_line_and_code_2(arguments: list[str], error: str, capsys: Capture) -> None:
    assert cli.main(arguments) == 2
    told = capsys.readouterr()
    assert told.err == error
    assert told.out == ""


@pytest.mark.parametrize("arguments", [["show", "-"], ["check", "-"], ["check", "--json", "-"]])
def test_a_terminal_that_lacks_characters_is_no_error(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1250")  # has no u with a grave accent
    done = run(*arguments, stdin=ORDERS.replace(b"NAD+BY", b"NAD+B\xd9"))
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"B\\xd9" in done.stdout or b"B\\u00d9" in done.stdout


def test_no_command_at_all_shows_the_help(capsys: Capture) -> None:
    assert cli.main([]) == 2
    assert "Commands:" in capsys.readouterr().err


def failing(error: Exception) -> Callable[..., int]:
    def fail(*_: object, **__: object) -> int:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (CommandError("po.edi:\nbroken"), "edigw: po.edi: broken\n"),
        (ConfigError("edigw.toml", "sftp.port", "wrong"), "edigw: edigw.toml: sftp.port: wrong\n"),
        (PermissionError(13, "Permission denied", "x"), "edigw: x: permission denied\n"),
        (KeyError("k"), "edigw: this is a bug: KeyError: 'k' (EDIGW_DEBUG=1 shows where)\n"),
    ],
)
def test_an_error_inside_a_command_is_one_line_and_code_2(
    error: Exception, text: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDIGW_DEBUG", raising=False)
    monkeypatch.setattr("edigw.admin.report.is_valid", failing(error))
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115 - ends with the test
    assert cli.main(["check", "-"]) == 2
    assert capsys.readouterr().err == text


def test_a_traceback_is_shown_on_request(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDIGW_DEBUG", "1")
    monkeypatch.setattr("edigw.admin.report.is_valid", failing(KeyError("k")))
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115 - ends with the test
    assert cli.main(["check", "-"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m edigw.admin.cli check --help | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60)
    assert done.stderr == b""


def test_control_characters_are_made_visible() -> None:
    assert printable("a\x1b[31mb\u202e\x9bé") == "a\\x1b[31mb\\u202e\\x9bé"
