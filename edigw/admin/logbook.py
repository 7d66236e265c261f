"""`edigw log`: look things up in the transmission log."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, admin, own_log, stored
from edigw.admin.output import CommandError, line, plural, print_json, printable, styled

log = typer.Typer(
    no_args_is_help=True, help="Search the transmission log, look at one transmission or order, check it all."
)
POLL = 0.5  # seconds between two looks of `tail`
_GOOD = {"accepted", "delivered", "picked_up", "deposited", "sent"}
_BAD = {"rejected", "failed", "held", "partly_accepted"}


def register(app: typer.Typer) -> None:
    """Add `edigw log`."""
    app.add_typer(log, name="log")


@log.command(epilog="Example: edigw log search --partner nordwind --type ORDERS --since 2026-10-01")
def search(
    text: Annotated[str, typer.Argument(help="In file names, document numbers and references.")] = "",
    partner: Annotated[str, typer.Option(help="The partner's code.")] = "",
    direction: Annotated[str, typer.Option(help="in or out.")] = "",
    type: Annotated[str, typer.Option(help="Message type: ORDERS, 850, CONTRL ...")] = "",
    state: Annotated[str, typer.Option(help="accepted, rejected, held, delivered, failed ...")] = "",
    validation: Annotated[str, typer.Option(help="accepted, partly_accepted, rejected, held, duplicate ...")] = "",
    delivery: Annotated[str, typer.Option(help="queued, delivered, deposited, picked_up, held, failed ...")] = "",
    acknowledgement: Annotated[str, typer.Option(help="wanted, overdue, accepted, rejected ...")] = "",
    since: Annotated[str, typer.Option(help="From this day or time, UTC: 2026-10-01.")] = "",
    until: Annotated[str, typer.Option(help="Up to this day or time, inclusive.")] = "",
    control: Annotated[str, typer.Option(help="Control number of interchange, group or message.")] = "",
    reference: Annotated[str, typer.Option(help="Any business reference: order, despatch, SSCC, GTIN ...")] = "",
    test: Annotated[
        bool | None, typer.Option("--test/--production", help="Only what is marked as a test, or only what is not.")
    ] = None,
    flagged: Annotated[
        bool, typer.Option("--flagged", help="Only translations that lost what the agreement wants to be looked at.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many transmissions.")] = 50,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Find transmissions and messages, newest first."""
    from edigw.gateway.desk.queries import Filters
    from edigw.gateway.desk.queries import search as find

    _, database, _ = stored(config)
    filters = Filters(
        partner=partner,
        direction=direction,
        type=type,
        state=state,
        validation=validation,
        delivery=delivery,
        acknowledgement=acknowledgement,
        since=since,
        until=until,
        control=control,
        reference=reference,
        text=text,
        test=test,
        flagged=flagged,
        limit=limit,
    )
    with database.read() as conn:
        found = find(conn, filters)
    if json:
        print_json(found)
        return
    for t in found:
        line(_transmission(t))
        for m in t["messages"]:
            answered = f", acknowledgement {m['ack_state']}" if m["ack_state"] != "none" else ""
            what = f"{m['type']} {m['version']} {m['number'] or m['control']}"
            line(f"    {printable(what)}: {_state(m['state'])}{answered}")
    if not found:
        line("nothing found")


@log.command(epilog="Example: edigw log show 01JDB3ZK0W8Q")
def show(
    id: Annotated[str, typer.Argument(help="A transmission's or message's id, or the last part of it.")],
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """One transmission's life: what it held, what was found, and every event."""
    from edigw.gateway.desk import queries

    _, database, payloads = stored(config)
    with database.read() as conn:
        told = queries.show(conn, payloads, _known(queries.find_transmission(conn, id), id))
    if json:
        print_json(told)
        return
    line(_transmission(told))
    line(f"    SHA-256 {told['sha256']}")
    if told["clear_sha256"]:
        line(f"    in it, SHA-256 {told['clear_sha256']} (edigw log payload --clear)")
    for i in told["interchanges"]:
        line(
            printable(
                f"    interchange {i['control']} from {i['sender']} to {i['receiver']}: {i['state']}"
                f"{', test' if i['test'] else ''}"
            )
        )
    for m in told["messages"]:
        line(printable(f"    {m['type']} {m['version']} {m['number'] or m['control']}: {m['state']}  {m['id']}"))
        clocks = (f"{axis} {a['state']}{' ' + a['at'] if a['at'] else ''}" for axis, a in m["axes"].items())
        line(printable(f"        {', '.join(clocks)}"))
    for f in told["findings"]:
        text = f.get("text") or f"{f.get('path', '')} {f.get('value', '')}: {f.get('reason', f.get('kind', ''))}"
        action = f" [{f['action']}]" if f.get("action") in ("flag", "hold") else ""
        line(printable(f"    {f['kind']}: {text}{action}"))
    for t in told["became"]:
        line("    -> " + _transmission(t))
    for j in told["waiting"]:
        line(printable(f"    waiting: {j['kind']}, next at {j['due_at']}, tried {j['attempts']} times {j['error']}"))
    _timeline(told["events"])


@log.command(epilog="Example: edigw log thread NW-4711")
def thread(
    order: Annotated[str, typer.Argument(help="The order's number.")],
    partner: Annotated[str, typer.Option(help="Only with this partner, if several use the number.")] = "",
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """All messages of one order in time order, across both standards, with everything that happened to them."""
    from edigw.gateway.desk import queries

    _, database, payloads = stored(config)
    with database.read() as conn:
        threads = queries.thread(conn, payloads, order, partner)
    if json:
        print_json(threads)
    else:
        for one in threads:
            print_thread(one)
    if not threads:
        raise CommandError(f"no message refers to an order {printable(order)}")


def print_thread(told: Mapping[str, Any]) -> None:
    """A thread as text."""
    between = " and ".join(told["partners"])
    line(styled(f"Order {printable(told['order'])} between {between}", bold=True))
    _timeline(told["events"])


@log.command(epilog="Example: edigw log payload 01JDB3ZK0W8Q > po.edi")
def payload(
    id: Annotated[str, typer.Argument(help="A transmission's id, or the last part of it.")],
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the log with your name.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Of an encrypted file: what is in it.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """The exact bytes of a transmission, on standard output. That somebody looked is an event of the log."""
    from edigw.gateway.desk.operate import Refusal, look
    from edigw.store.errors import PayloadMissing

    written = own_log(config, sign=False)
    try:
        row = look(written, id, admin(), reason)
    except Refusal as refusal:
        raise CommandError(str(refusal)) from refusal
    if clear and row.clear_sha256 is None:
        raise CommandError(f"{row.id} is not encrypted, or was not opened")
    try:
        with written.payloads.open(row.clear_sha256 if clear else row.sha256) as data:
            while piece := data.read(1 << 20):
                sys.stdout.buffer.write(piece)
    except PayloadMissing as missing:
        told = f"its content is not here any more; edigw log show {row.id} tells whether it was erased"
        raise CommandError(f"{row.id}: {told}") from missing
    sys.stdout.buffer.flush()


@log.command(epilog="Example: edigw log tail --lines 20")
def tail(
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, max=1000, help="Begin with so many.")] = 10,
    follow: Annotated[bool, typer.Option(help="Go on with what comes.")] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Events as they come, until interrupted."""
    import msgspec

    from edigw.gateway.desk import queries

    _, database, payloads = stored(config)
    with database.read() as conn:
        position = max(queries.log_size(conn) - lines, 0)
    while True:
        with database.read() as conn:
            news = queries.events_from(conn, payloads, position)
        for event in news:
            line(msgspec.json.encode(event).decode() if json else _event(event))
        position += len(news)
        if not follow and not news:
            return
        if not news:
            time.sleep(POLL)


# ---------------------------------------------------------------- text


def _known(row: Any, id: str) -> Any:
    if row is None:
        raise CommandError(f"no transmission {printable(id)}, or several whose ids end so")
    return row


def _transmission(t: Mapping[str, Any]) -> str:
    arrow = "from" if t["direction"] == "in" else "to"
    reason = f" ({t['reason']})" if t["reason"] else ""
    return (
        f"{t['id']}  {t['created_at'][:19]}Z  {arrow} {t['partner']}  {printable(t['name'])}  "
        f"{t['size']} bytes  {_state(t['state'])}{reason}{', test' if t.get('test') else ''}"
    )


def _state(state: str) -> str:
    return styled(state, colour="green" if state in _GOOD else "red" if state in _BAD else None)


def _timeline(events: list[dict[str, Any]]) -> None:
    line()
    for event in events:
        line(_event(event))
    line(f"{plural(len(events), 'event')}")


def _event(event: Mapping[str, Any]) -> str:
    from edigw.gateway.desk.sentences import sentence

    index = "pending" if event["index"] is None else f"#{event['index']}"
    reason = f" [{event['reason']}]" if event.get("reason") else ""
    when = event["at"].replace("T", " ").rstrip("Z")
    return f"{when}  {index:>7}  {event['type']:<21} {sentence(event)}{reason}"
