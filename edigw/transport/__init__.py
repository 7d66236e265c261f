"""SFTP on both sides: the server that partners drop files into, and the client that delivers to theirs.

`server` is the embedded server (asyncssh) over the ports in `ports`; `client` delivers (paramiko) so that a crash
leaves the outcome decidable; `retry` says when to try again; `keys` makes and reads SSH keys.
"""
