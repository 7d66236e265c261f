"""What is wrong with the places where a partner's files go ([delivery]) and come from ([collection])."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator

from edigw.partners import names
from edigw.partners.keys import private_key_problem, public_key_problem
from edigw.partners.tables.collection import SftpSource
from edigw.partners.tables.delivery import Box, FolderTarget, SftpTarget, Target
from edigw.partners.tables.partner import Partner

Problems = Iterator[tuple[str, str]]

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?\.?")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")


def delivery_problems(partner: Partner, private_keys: bool) -> Problems:
    """`[delivery]`. `private_keys`: also read the key files."""
    delivery = partner.delivery
    if text := names.problem(delivery.file_name):
        yield "delivery.file_name", text
    for key, box in boxes(partner):
        if box.method != "mailbox" and box.target is None:
            yield f"{key}.{box.method}", f'missing; {key}.method = "{box.method}" needs it'
        if box.sftp is not None:
            yield from _server(f"{key}.sftp", box.sftp, private_keys and box.method == "sftp")
        for name in ("sftp", "folder"):
            target = getattr(box, name)
            if target is not None and ("/" in target.temp_suffix or not target.temp_suffix.isprintable()):
                yield f"{key}.{name}.temp_suffix", 'expected the end of a file name, ".part"'
    if takes_tests_of(partner, partner):
        yield "delivery.test", "is where production files go; tests need a place of their own"


def takes_tests_of(production: Partner, tests: Partner) -> bool:
    """Whether what one partner gets as a test goes where another one gets its production files."""
    box = tests.delivery.test
    return box is not None and box.target is not None and _same_place(box.target, production.delivery.target)


def boxes(partner: Partner) -> Iterator[tuple[str, Box]]:
    """The places where the partner's files go, each with its key."""
    yield "delivery", partner.delivery
    if partner.delivery.test is not None:
        yield "delivery.test", partner.delivery.test


def _same_place(one: Target, other: Target | None) -> bool:
    if isinstance(one, FolderTarget) or not isinstance(other, SftpTarget):
        paths = [os.path.normpath(each.path) for each in (one, other) if isinstance(each, FolderTarget)]
        return len(paths) == 2 and paths[0] == paths[1]
    return _address(one) == _address(other)


def _address(server: SftpTarget) -> tuple[str, int, str, str]:
    return server.host.lower(), server.port, server.user, os.path.normpath(server.folder)


def collection_problems(partner: Partner, private_keys: bool) -> Problems:
    """`[collection]`. `private_keys`: also read the key files."""
    collection = partner.collection
    if collection is None:
        return
    if (collection.sftp is None) == (collection.folder is None):
        yield "collection", "expected either [collection.sftp] or folder"
    if collection.sftp is not None:
        yield from _server("collection.sftp", collection.sftp, private_keys)
    if "/" in collection.names:
        yield "collection.names", 'expected a pattern of file names, "*.edi"'
    if collection.done_folder in (".", "..") or "/" in collection.done_folder:
        yield "collection.done_folder", 'expected the name of a folder, "done"'


def _server(key: str, server: SftpTarget | SftpSource, private_keys: bool) -> Problems:
    if not is_host(server.host):
        yield f"{key}.host", "expected an address or a host name"
    if not _FINGERPRINT.fullmatch(server.host_key) and (text := public_key_problem(server.host_key)):
        yield f"{key}.host_key", text
    if "\0" in server.folder:
        yield f"{key}.folder", "expected a path"
    if private_keys and (text := private_key_problem(server.key_file)):
        yield f"{key}.key_file", text


def is_host(host: str) -> bool:
    """Whether this is an IP address or may be the name of a host."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return True
