"""Refusing a received file as a whole, before its content is looked at: held or rejected, and the sender told why."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from edigw.gateway.context import Context, identity
from edigw.gateway.incoming import answer
from edigw.gateway.outgoing.forward import told
from edigw.gateway.outgoing.numbers import Numbers
from edigw.gateway.records import States, forget_findings, sliced, write_findings
from edigw.partners.tables.partner import Partner
from edigw.syntax.findings import Finding


def refuse(
    conn: Connection, context: Context, row: Row[Any], login: Partner, state: str, reason: str, text: str
) -> None:
    """Hold or reject (`state`) the received transmission `row` for `reason`, a code; `text` says it in words.

    Inside the caller's transaction, which also ends the file's job."""
    found = Finding(reason, text)
    states = States(conn)
    forget_findings(conn, row.id)
    states.transmission(row.id, state, reason)
    write_findings(conn, "finding", row.id, None, [found])
    if state == "held":
        write_findings(conn, "held", row.id, None, [{"code": reason, "text": text}])
    context.log.append(
        conn,
        type="validation.failed",
        xid=row.xid,
        actor="gateway",
        sender=identity(login),
        reason=reason,
        detail={
            "file": row.name,
            "findings": [told(found)],
            "findings_in_all": 1,
            **states.told(row.id, *sliced(conn, row.id)),
            "configuration": context.config.digest,
        },
        transmission=row.id,
    )
    answer.explain(conn, context, Numbers(conn), [found], login, row)
