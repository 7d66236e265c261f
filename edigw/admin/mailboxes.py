"""`edigw mailbox`: what lies ready for partners, what they fetched, and what went out of sight."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, stored
from edigw.admin.output import CommandError, line, plural, print_json, printable, styled

mailbox = typer.Typer(
    no_args_is_help=True, help="Partners' mailboxes: what waits, what was fetched.", rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    """Add `edigw mailbox`."""
    app.add_typer(mailbox, name="mailbox")


@mailbox.command("list", epilog="Example: edigw mailbox list acme --all")
def list_(
    partner: Annotated[str, typer.Argument(metavar="NAME", help="The partner's code.")],
    everything: Annotated[bool, typer.Option("--all", help="Also what the partner does not see any more.")] = False,
    folder: Annotated[str, typer.Option(help="inbox, outbox, test (folders in them count) or receipts.")] = "outbox",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many files.")] = 100,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """List a partner's files, newest first: visible, downloaded, confirmed, removed or expired.

    A file is confirmed when the partner deleted it after fetching all of it, or acknowledged what it holds. One that is
    out of sight comes back by edigw resend."""
    from edigw.gateway.mailboxes.items import items

    settings, database, _ = stored(config)
    if partner not in settings.partners:
        raise CommandError(f"there is no partner {partner!r}; there are {', '.join(settings.partners) or 'none'}")
    with database.read() as conn:
        found = items(conn, partner, folder, everything=everything, limit=limit)
    if json:
        print_json(found)
        return
    for each in found:
        _tell(each)
    if not found:
        line("nothing")


def _tell(item: dict[str, Any]) -> None:
    colour = {"visible": "yellow", "expired": "red"}.get(item["state"], "green")
    why = f" ({item['confirmed_by']})" if item["confirmed_by"] else ""
    where = f"/{item['folder']}/{item['name']}"
    size = plural(item["size"], "byte")
    line(printable(f"{styled(item['state'], colour=colour)}{why}  {where}  {size}  since {item['since']}"))
    line(printable(f"    transmission {item['transmission']}"))
    for fetched in item["downloads"]:
        how = fetched["result"] or "all of it"
        who = f"{fetched['user']} from {fetched['peer']} with {fetched['key'] or fetched['method']}"
        line(printable(f"    fetched {fetched['at']} by {who}: {how}"))
