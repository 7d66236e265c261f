"""The transmission log: what happened, in a form that nobody can change unseen.

Specification: docs/evidence.md.
"""
