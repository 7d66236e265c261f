"""What the SFTP server grants one peer, one partner and everybody together."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are bytes, times seconds."""

    login_grace: float = 30  # from TCP connect to a finished login
    failed_attempts: int = 6  # per connection
    unauthenticated: int = 100  # connections that have not logged in yet, all peers together
    connections_per_address: int = 20
    connections_per_partner: int = 10
    channels_per_connection: int = 10
    handles_per_session: int = 64  # open files and folders of one connection
    keepalive_interval: float = 30
    keepalive_misses: int = 3
    idle: float = 30 * 60  # without any SFTP request
    file_size: int = 100 * MIB
    staging_size: int = 1024 * MIB  # of one partner: unfinished uploads and temp names together
    small: int = 64 * KIB  # an upload that needs no file
    memory: int = 64 * MIB  # for such uploads, all partners together
    temp_files: int = 1000  # of one partner
    temp_lifetime: float = 24 * 3600  # since the last write
    write_gap: int = 16 * MIB  # how far ahead of the end a client may write; parallel writers need a few MiB
    send_buffer: int = 4 * MIB  # answers that the peer has not read yet, per channel
    recorded_refusals: int = 50  # per connection; a client in a retry loop must not fill the log
    workers: int = 8  # threads for files, database and fsync
    ban_points: int = 15  # see `bans`
    ban_window: float = 30 * 60
    ban_time: float = 30 * 60
