"""How files come in and go out: the server that partners log in to, and the places that the gateway goes to itself.

`server` is the embedded SFTP server (asyncssh) over the ports in `ports`; `remote` puts files to, and fetches them
from, partners' servers (paramiko) and folders, so that a crash leaves the outcome decidable; `retry` says when to try
again; `keys` and `passwords` are what logins are proved with; `http` asks servers that nobody need trust.
"""
