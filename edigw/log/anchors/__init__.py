"""Anchors: what others say about checkpoints, so that the log can't be rewritten by whoever has its key.

Timestamping authorities (RFC 3161) say when a checkpoint existed, witnesses (C2SP tlog-witness) that it is the only one
of its log that they have seen. docs/evidence.md, "Anchors".
"""
