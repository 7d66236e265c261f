"""The partner-facing SFTP server: a virtual mailbox of three folders over the ports in
`edigw.transport.ports`.
"""

from edigw.transport.server.desk import Denial
from edigw.transport.server.limits import Limits
from edigw.transport.server.service import SftpServer

__all__ = ["Denial", "Limits", "SftpServer"]
