"""One request over HTTP to a server that nobody need trust: bounded in size, and in the time that all of it takes.

Redirects are not followed: an answer from somewhere else is none.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from edigw.transport.errors import Permanent, Temporary


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    body: bytes


async def ask(
    method: Literal["GET", "POST"],
    url: str,
    body: bytes = b"",
    *,
    kind: str = "application/octet-stream",
    limit: int,
    seconds: float,
    ca_file: Path | None = None,
    netrc_file: Path | None = None,
) -> Answer:
    """The answer to one request, of at most `limit` bytes, within `seconds`.

    `kind` is the content type of `body`; `ca_file` (PEM) is trusted for HTTPS instead of what browsers trust;
    `netrc_file` has user and password. Raises Temporary if the server is out of reach, slow, or says too much,
    Permanent if a file that it takes can't be used.
    """
    import httpx

    host = urlsplit(url).netloc
    try:
        verify = ssl.create_default_context(cafile=str(ca_file)) if ca_file else True
        auth = httpx.NetRCAuth(str(netrc_file)) if netrc_file else None
    except (OSError, ValueError, SyntaxError) as error:  # NetrcParseError is a SyntaxError
        raise Permanent(host, f"{ca_file or netrc_file} can't be used: {error}") from error
    headers = {"Accept-Encoding": "identity"} | ({"Content-Type": kind} if method == "POST" else {})
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(verify=verify, timeout=seconds) as client,
            client.stream(method, url, content=body or None, headers=headers, auth=auth) as response,
        ):
            found = bytearray()
            async for piece in response.aiter_raw():
                found += piece
                if len(found) > limit:
                    raise Temporary(host, f"its answer is larger than {limit} bytes")
            return Answer(response.status_code, bytes(found))
    except (TimeoutError, httpx.TimeoutException) as error:
        raise Temporary(host, f"no answer within {seconds:g} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Temporary(host, str(error) or type(error).__name__) from error
