"""`edigw partner`: the configured partners, whether their files are right, and whether their servers answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edigw.admin import partner_add, partner_test, rules
from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, admin, own_log
from edigw.admin.output import CommandError, line, plural, print_json, say, styled

if TYPE_CHECKING:
    from edigw.partners.tables.partner import Partner

partner = typer.Typer(
    help="The partners: add, list and show them, check their files, test their servers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
CodeArgument = Annotated[str, typer.Argument(metavar="NAME", help="The partner's code: its file's name.")]


def register(app: typer.Typer) -> None:
    """Add `edigw partner`."""
    partner_add.register(partner)
    partner_test.register(partner)
    rules.register(partner)
    app.add_typer(partner, name="partner")


@partner.command("list", epilog="Example: edigw partner list -c /srv/edigw/edigw.toml")
def list_(json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """List the configured partners."""
    from edigw.gateway.desk.partner_facts import summary

    partners = _partners(config)
    if json:
        print_json([summary(each) for each in partners.values()])
        return
    width = max((len(code) for code in partners), default=0)
    for code, each in partners.items():
        told = summary(each)
        forms = ", ".join(f"{form['document']} as {form['form']}" for form in told["receives"]) or "nothing"
        line(f"{styled(f'{code:<{width}}', bold=True)}  {each.name}: gets {forms} by {told['delivery']}")
        for warning in told["expiring"]:
            line(f"{'':<{width}}  {styled(warning['text'], colour='yellow')}")


@partner.command(epilog="Example: edigw partner show acme")
def show(name: CodeArgument, json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print one partner's settings, defaults included."""
    from edigw.gateway.desk.partner_facts import flat, settings

    told = settings(_named(name, config))
    if json:
        print_json(told)
        return
    for key, value in flat(told):
        line(f"{key} = {value}")


@partner.command(epilog="Example: edigw partner check -c edigw.toml")
def check(json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Check edigw.toml and the files of partners and agreements; all mistakes are told.

    Exit code 0 if all are right, 1 if not."""
    from edigw.partners.load import examine

    examined = examine(config, bindings=True)
    found, problems = examined.config, examined.problems
    notes = list(_notes(found.partners)) if found is not None else []
    if json:
        told = [{"file": p.file, "line": p.line, "key": p.key, "text": p.text} for p in problems]
        print_json({"valid": found is not None, "errors": told, "notes": notes})
    else:
        for problem in problems:
            line(str(problem))
        if found is not None:
            counted = f"{plural(len(found.partners), 'partner')}, {plural(len(found.agreements), 'agreement')}"
            line(f"{config}, {counted}: {styled('valid', colour='green')}")
            for note in notes:
                say(f"note: {note}")
    if found is None:
        raise typer.Exit(1)


@partner.command(epilog="Example: edigw partner resume acme --reason 'they told us their new host key'")
def resume(
    name: CodeArgument,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the log with your name.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Let deliveries go on that were stopped: the partner's server had shown another key, or refused us."""
    from edigw.gateway.outgoing import stops

    waiting = stops.resume(own_log(config, sign=False), name, admin(), reason)
    if waiting is None:
        raise CommandError(f"deliveries to {name} are not stopped")
    line(f"{plural(waiting, 'file')} for {name} {'goes' if waiting == 1 else 'go'} on their way again")


@partner.command(epilog="Example: edigw partner collect acme")
def collect(name: CodeArgument, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Look now for files at the place that a partner's [collection] names, and take in what lies ready there.

    A file that was not there at the last look has to lie unchanged for a while first (settle_seconds)."""
    from edigw.gateway.incoming import collect as collecting
    from edigw.gateway.service import open_context
    from edigw.partners.load import load

    context = open_context(load(config))
    if name not in context.config.partners:
        raise CommandError(f"there is no partner {name!r}; there are {', '.join(context.config.partners) or 'none'}")
    if context.config.partners[name].collection is None:
        raise CommandError(f"partner {name} has no [collection]: it brings its files")
    taken = collecting.collect(context, context.config.partners[name])
    line(f"{plural(taken, 'file')} taken in; a running gateway processes {'it' if taken == 1 else 'them'} at once")


@partner.command(epilog="Example: edigw partner password")
def password() -> None:
    """Ask for a password, and print the line for the [login] table of a partner's file.

    It counts where edigw.toml has passwords = true under [sftp]. Keys are better: nobody can guess them."""
    from edigw.transport.passwords import hash_password

    chosen = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    try:
        hashed = hash_password(chosen)
    except ValueError as error:
        raise CommandError(str(error)) from error
    line(f'password_hash = "{hashed}"')


def _partners(config: Path, private_keys: bool = False) -> dict[str, Partner]:
    from edigw.partners.load import load

    return load(config, private_keys=private_keys).partners


def _named(name: str, config: Path, private_keys: bool = False) -> Partner:
    partners = _partners(config, private_keys)
    if name not in partners:
        raise CommandError(f"there is no partner {name!r}; there are {', '.join(partners) or 'none'}")
    return partners[name]


def _notes(partners: Mapping[str, Partner]) -> Iterator[str]:
    """Who could not be named as the sender of what others get, and whose keys will not count for long."""
    from edigw.gateway.desk.partner_facts import expiring
    from edigw.partners.config import parties

    for code, each in partners.items():
        for other in partners.values():
            unnamed = {r.standard for r in other.receives if not parties(each, r.standard)}
            if other is not each and unnamed:
                told = " and ".join(sorted(unnamed))
                yield f"{code} has no {told} identifier, so nothing that it sends can be written for {other.code}"
        yield from (f"{code}: {each['text']}" for each in expiring(each))
