"""`edigw route`: where the messages of a file would go, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption
from edigw.admin.output import CommandError, line, print_json, printable, read_input, styled

if TYPE_CHECKING:
    from edigw.gateway.incoming.judge import JudgedInterchange, JudgedMessage
    from edigw.gateway.outgoing.dispatch import Dispatch
    from edigw.partners.config import Config
    from edigw.partners.tables.partner import Partner

_COLOURS = {"accepted": "green", "held": "yellow", "rejected": "red"}


def register(app: typer.Typer) -> None:
    """Add `edigw route`."""
    app.command(epilog="Example: edigw route orders.edi -c /srv/edigw/edigw.toml")(route)


def route(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file, as a partner would send it; - reads it.")],
    login: Annotated[
        str, typer.Option(metavar="CODE", help="The partner that sends it; default: the sender that it names.")
    ] = "",
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say for each message of a file where it would go, by which rule and in which form. Nothing is sent.

    Exit code 0 if everything would go on, 1 if something would be held or rejected."""
    from edigw import directory
    from edigw.gateway.incoming.judge import check_guides, judge
    from edigw.partners.load import load
    from edigw.partners.reading import agreed_reading

    settings = load(config, private_keys=False)
    data = read_input(file)
    partner = _sender(settings, login, data)
    agreed = agreed_reading(partner)
    parsed = directory.check(data, *agreed)
    if not parsed.interchanges:
        raise CommandError(f"{file}: {parsed.findings[0].text if parsed.findings else 'holds no interchange'}")
    check_guides(settings, partner, parsed, agreed.validation)
    judged = judge(settings, partner, data, parsed)
    told = [_told(each) for each in judged]
    if json:
        print_json(told)
    else:
        for one in told:
            _print(one)
    if any(message["state"] != "accepted" for one in told for message in one["messages"] or [one]):
        raise typer.Exit(1)


def _sender(config: Config, login: str, data: bytes) -> Partner:
    from edigw import syntax

    if login:
        if login not in config.partners:
            raise CommandError(f"there is no partner {login!r}; there are {', '.join(config.partners) or 'none'}")
        return config.partners[login]
    for interchange in syntax.parse(data).interchanges:
        found = config.by_identifier(interchange.standard, interchange.sender)
        if found is not None:
            return found
    raise CommandError("the file names no sender that is known here; say with --login who sends it")


def _told(each: JudgedInterchange) -> dict[str, Any]:
    i = each.interchange
    return {
        "standard": i.standard,
        "control": i.control,
        "sender": str(i.sender),
        "receiver": str(i.receiver),
        "test": i.test,
        "state": each.state,
        "reason": each.reason,
        "messages": [_message(each, one) for one in each.messages],
    }


def _message(each: JudgedInterchange, one: JudgedMessage) -> dict[str, Any]:
    group = each.group_of(one.message)
    return {
        "type": one.message.type,
        "version": one.message.version,
        "control": one.message.control,
        "group": group.control if group else "",
        "number": one.understood.number if one.understood else "",
        "state": one.state,
        "reason": one.reason,
        "text": one.text,
        "rule": one.route,
        "receivers": [_receiver(dispatch, each.interchange.test) for dispatch in one.dispatches],
    }


def _receiver(dispatch: Dispatch, test: bool) -> dict[str, Any]:
    out = dispatch.outgoing
    box = dispatch.receiver.delivery.box(test=out.envelope.marked(test) if out else test)
    return {
        "partner": dispatch.receiver.code,
        "copy": dispatch.copy,
        "form": f"{out.body.type} {out.version}" if out else "",
        "delivery": box.method if box else "",
        "reason": dispatch.reason,
        "text": dispatch.text,
    }


def _print(one: dict[str, Any]) -> None:
    test = ", a test" if one["test"] else ""
    standard = {"edifact": "EDIFACT", "x12": "X12"}[one["standard"]]
    line(printable(f"{standard} interchange {one['control']} from {one['sender']} to {one['receiver']}{test}"))
    if one["state"] != "accepted":
        reason = f": {one['reason']}" if one["reason"] else ""
        line(f"  {styled(one['state'], colour=_COLOURS.get(one['state'], 'yellow'))}{reason}")
    for message in one["messages"]:
        number = f" {message['number']}" if message["number"] else ""
        line(printable(f"  {message['type']} {message['version']}{number}, message {message['control']}"))
        for text in _lines(message):
            line(f"    {text}")


def _lines(message: dict[str, Any]) -> Iterator[str]:
    yield printable(f'by the rule "{message["rule"]}"' if message["rule"] else "by its envelope, no rule fits")
    for to in message["receivers"]:
        what = "copy to" if to["copy"] else "to"
        if to["reason"]:
            yield f"{what} {to['partner']}: {styled('held', colour='yellow')}, {printable(to['text'])}"
        else:
            yield f"{what} {styled(to['partner'], bold=True)} as {to['form']}, by {to['delivery']}"
    if not message["receivers"]:
        ended = {"accepted": "goes no further"}.get(message["state"], message["state"])
        told = message["text"] or message["reason"]
        yield styled(ended, colour=_COLOURS[message["state"]]) + (f": {printable(told)}" if told else "")
