"""Two processes write down something about one file at the same time: the later event tells of both."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from sqlalchemy import Connection

from edigw.gateway.mailboxes import mailbox
from edigw.gateway.records import States

from .house import House, sample


def test_what_is_kept_is_told_in_the_order_in_which_it_came_about(house: House) -> None:
    id = str(house.send("nordwind", "orders.edi", sample("orders_text.edi"))["id"])
    xid = str(house.show(id)["xid"])
    told = threading.Event()

    def note(conn: Connection, name: str) -> None:
        data = name.encode()
        house.context.payloads.keep(conn, data)
        mailbox.deposit(conn, "nordwind", "receipts", name, sha256(data).hexdigest(), len(data), id)
        detail = States(conn).told(id)
        told.set()
        house.context.log.append(conn, type="admin.action", xid=xid, actor="gateway", detail=detail, transmission=id)

    def other() -> None:
        with house.context.database.write() as conn:
            note(conn, "second.txt")

    with ThreadPoolExecutor(1) as pool:
        with house.context.database.write() as conn:
            note(conn, "first.txt")
            told.clear()
            second = pool.submit(other)
            assert not told.wait(0.3)
        second.result()
    assert house.problems() == []
