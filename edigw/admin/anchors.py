"""`edigw log anchor` and `log anchors`: have the log attested by others now, and see how they have answered."""

from __future__ import annotations

from typing import Any

import typer

from edigw.admin.logbook import log
from edigw.admin.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, own_log, stored
from edigw.admin.output import CommandError, line, print_json, printable, styled


@log.command(epilog="Example: edigw log anchor -c /etc/edigw/edigw.toml")
def anchor(json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Have the newest checkpoint timestamped and cosigned now, without waiting for the next round.

    Exit code 1 if somebody who was asked did not attest it."""
    import asyncio
    from datetime import timedelta

    from edigw.gateway.upkeep.anchoring import anchor as attest
    from edigw.partners.load import load
    from edigw.store.clock import stamp

    settings, event_log = load(config).log, own_log(config)
    if not settings.authorities and not settings.witnesses:
        raise CommandError("edigw.toml names neither [[log.authorities]] nor [[log.witnesses]]")
    while event_log.integrate():
        pass
    outcome = asyncio.run(attest(event_log, settings, timedelta()))
    while event_log.integrate():
        pass
    troubles = outcome.troubles if outcome else {}
    attested = {token.authority: token.at for token in outcome.tokens} if outcome else {}
    attested |= {each.witness: stamp(each.at) for each in outcome.cosignatures} if outcome else {}
    size = outcome.size if outcome else 0
    if json:
        print_json({"size": size, "attested": attested, "troubles": dict(troubles)})
    else:
        for name, at in attested.items():
            line(f"{name}: {size} entries at {at}")
        for name, why in troubles.items():
            line(f"{printable(name)}: {styled('nothing', colour='red')}: {printable(why)}")
        if outcome is None:
            line("the log has not grown since everybody attested it")
    if troubles:
        raise typer.Exit(1)


@log.command(epilog="Example: edigw log anchors --json")
def anchors(json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """How the authorities and witnesses of edigw.toml have answered lately. Exit code 1 if one is in trouble."""
    from edigw.gateway.upkeep.anchoring import FOLDER
    from edigw.log.anchors.records import Attester, attesters
    from edigw.log.note import VerifierKey

    settings, database, _ = stored(config)
    with database.read() as conn:
        known = attesters(conn)
    named = [(each.name, each.url, each.ask) for each in settings.log.authorities]
    named += [(VerifierKey.parse(each.key).name, each.url, each.ask) for each in settings.log.witnesses]
    told: list[dict[str, Any]] = []
    for name, url, asked in named:
        one = known.get(name, Attester(name))
        state = {"size": one.size, "attested_at": one.attested_at, "asked_at": one.asked_at}
        told.append({"name": name, "url": url, "asked": asked, **state, "trouble": one.trouble if asked else ""})
    copies = known.get(FOLDER, Attester(FOLDER))
    if settings.log.anchors.folder is not None and copies.trouble:
        state = {"size": 0, "attested_at": "", "asked_at": copies.asked_at, "trouble": copies.trouble}
        told.append({"name": FOLDER, "url": str(settings.log.anchors.folder), "asked": True, **state})
    if json:
        print_json(told)
    elif told:
        line("\n".join(map(_sentence, told)))
    else:
        line("edigw.toml names nobody who attests the log: see [log.anchors] there")
    if any(each["trouble"] for each in told):
        raise typer.Exit(1)


def _sentence(each: dict[str, Any]) -> str:
    last = f"{each['size']} entries at {each['attested_at']}" if each["attested_at"] else "nothing yet"
    if not each["asked"]:
        last += "; not asked any more"
    trouble = f"; {styled('in trouble', colour='red')} at {each['asked_at']}: {each['trouble']}"
    return f"{each['name']} ({each['url']}): {last}{printable(trouble) if each['trouble'] else ''}"
