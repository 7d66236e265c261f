"""`edigw partner test`: whether a partner's places can be reached and written to, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption
from edigw.admin.output import CommandError, line, print_json, printable, styled

if TYPE_CHECKING:
    from edigw.gateway.places import Configured
    from edigw.partners.tables.partner import Partner
    from edigw.transport.remote.trial import Step

_NAMES = {
    "resolve": "name",
    "port": "port",
    "host_key": "host key",
    "login": "login",
    "folder": "folder",
    "write": "writing",
    "round_trip": "round trip",
}


def register(app: typer.Typer) -> None:
    """Add `edigw partner test`."""
    app.command("test", epilog="Example: edigw partner test acme")(test)


def test(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The partner's code: its file's name.")],
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Try the places of a partner step by step: where its files go, its tests too, and where they are collected.

    Where files go, a small one is put under a temporary name, renamed to another one, and removed. The first step that
    fails says what to do. Exit code 0 if everything works, 1 if not."""
    from edigw.gateway.places import place
    from edigw.partners.load import load
    from edigw.transport.remote.trial import trial

    partners = load(config).partners
    if name not in partners:
        raise CommandError(f"there is no partner {name!r}; there are {', '.join(partners) or 'none'}")
    places = list(_places(partners[name]))
    if not places:
        raise CommandError(f"nothing is delivered to partner {name}: it fetches its files here")
    told: list[dict[str, Any]] = []
    for key, target, write in places:
        at = {"key": key, "place": str(place(target)), "user": getattr(target, "user", "")}
        if not json:
            who = f" as {at['user']}" if at["user"] else ""
            line(printable(f"{name}, [{key}]: {at['place']}{who}"))
        steps = []
        for step in trial(place(target), write=write, rename=bool(getattr(target, "temp_suffix", ""))):
            steps.append(step)
            if not json:
                _print(step)
        told.append({**at, "ok": all(step.ok for step in steps), "steps": [_told(step) for step in steps]})
    ok = all(each["ok"] for each in told)
    if json:
        print_json({"partner": name, "ok": ok, "places": told})
    if not ok:
        raise typer.Exit(1)


def _places(partner: Partner) -> Iterator[tuple[str, Configured, bool]]:
    """Key and place of each, and whether the gateway writes there."""
    from edigw.partners.delivery import boxes

    for key, box in boxes(partner):
        if box.target is not None:
            yield f"{key}.{box.method}", box.target, True
    collection = partner.collection
    if collection is not None and collection.sftp is not None:
        yield "collection.sftp", collection.sftp, False
    elif collection is not None and collection.folder is not None:
        from edigw.partners.tables.delivery import FolderTarget

        yield "collection.folder", FolderTarget(path=collection.folder), False


def _print(step: Step) -> None:
    word = styled(f"{'ok':<6}", colour="green") if step.ok else styled("failed", colour="red")
    line(printable(f"  {word}  {_NAMES[step.name]:<10}  {step.text}"))
    if step.advice:
        line(printable(f"          -> {step.advice}"))


def _told(step: Step) -> dict[str, Any]:
    told = {"step": step.name, "ok": step.ok, "text": step.text, "advice": step.advice}
    return {**told, "ms": round(1000 * step.seconds, 1)}
