"""Why something could not be done with a partner's server, split by what to do about it."""


class TransportError(Exception):
    """A delivery failed. `host` is "host:port", `cause` says what went wrong in plain words."""

    def __init__(self, host: str, cause: str) -> None:
        super().__init__(f"{host}: {cause}")
        self.host = host
        self.cause = cause


class Temporary(TransportError):
    """Try again later: the server is out of reach, slow, dropped the connection, or is full."""


class Permanent(TransportError):
    """Trying again will not help until somebody changes something: keys, passwords, permissions, names."""


class Stopped(Permanent):
    """Nothing at all can be done there until somebody changes something: the server shows another key, refuses the
    login, has no algorithm in common with us, or its folder is not ours to write to."""
