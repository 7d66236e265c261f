"""OpenPGP messages (RFC 9580, RFC 4880): opened when they come, made for whoever wants them.

Two libraries share the work, both maintained, both in Rust without system libraries, both imported only where a key is
configured (`pip install 'edigw[openpgp]'`). Sequoia (`pysequoia`) decides: it decrypts, verifies, encrypts and signs,
and its policy says which algorithms and keys are good enough at which time. But it can't tell who signed a message that
is compressed inside of its encryption, as GnuPG makes them. So rPGP (`rpgp-py`) takes the signatures out of the
message, and Sequoia verifies them over what it decrypted itself.

What comes from outside is opened in a process of its own (`child`), with bounds on memory and time: a hostile message
can cost no more than that.
"""
