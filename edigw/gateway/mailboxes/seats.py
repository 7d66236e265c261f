"""The SFTP sessions that are open on all front ends, in the database: caps hold for all of them together.

A seat is held for a while, and as long as its front end goes on saying so. Those of one that was killed are free again
when it starts anew on this machine, or when their time is over.
"""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy import Connection, delete, func, insert, select, update

from edigw.gateway import queue
from edigw.store.database import Database
from edigw.store.errors import StoreError
from edigw.store.schema import sftp_seat
from edigw.transport.server.bans import network_of
from edigw.transport.server.limits import Limits

_logger = logging.getLogger("edigw.sftp")
HELD = 90.0  # seconds
LOCK = 0x45444953  # advisory lock on PostgreSQL: "EDIS"; SQLite has one writer anyway


class SharedSeats:
    """`edigw.transport.server.admission.Seats` over the database. Without the database each front end counts alone."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits
        self._front = queue.owner_name("sftp")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="seats", daemon=True)

    def start(self) -> None:
        """Free the seats of processes of this machine that are no more, and go on holding those that are taken."""
        try:
            with self._database.write() as conn:
                fronts = conn.execute(select(sftp_seat.c.front).distinct()).scalars().all()
                dead = [front for front in fronts if queue.is_dead(front)]
                conn.execute(delete(sftp_seat).where(sftp_seat.c.front.in_(dead)))
        except StoreError as error:
            _logger.error("seats of former sessions can't be freed: %s", error)
        self._thread.start()

    def stop(self) -> None:
        """Hold nothing any more. To be called when all sessions have ended."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def take(self, session: str, partner: str, address: str) -> str:
        network, now = network_of(address), time.time()
        try:
            with self._database.write() as conn:
                if conn.dialect.name == "postgresql":
                    conn.execute(select(func.pg_advisory_xact_lock(LOCK)))
                conn.execute(delete(sftp_seat).where(sftp_seat.c.until < now))
                if _count(conn, partner=partner) >= self._limits.connections_per_partner:
                    return "too many connections of this partner"
                if _count(conn, network=network) >= self._limits.connections_per_address:
                    return "too many connections from this address"
                place = {"partner": partner, "network": network, "front": self._front, "until": now + HELD}
                conn.execute(insert(sftp_seat).values(session=session, **place))
        except StoreError as error:
            _logger.error("can't tell how many sessions %s has elsewhere: %s", partner, error)
        return ""

    def leave(self, session: str) -> None:
        try:
            with self._database.write() as conn:
                conn.execute(delete(sftp_seat).where(sftp_seat.c.session == session))
        except StoreError as error:
            _logger.error("the seat of a session that ended is held for a while: %s", error)

    def hold(self) -> None:
        """Say that the sessions of this process are still open."""
        try:
            with self._database.write() as conn:
                ours = sftp_seat.c.front == self._front
                conn.execute(update(sftp_seat).where(ours).values(until=time.time() + HELD))
        except StoreError as error:
            _logger.error("seats can't be held: %s", error)

    def _run(self) -> None:
        while not self._stopping.wait(HELD / 3):
            self.hold()


def _count(conn: Connection, **of: str) -> int:
    counted = select(func.count()).select_from(sftp_seat).filter_by(**of)
    return int(conn.execute(counted).scalar_one())
