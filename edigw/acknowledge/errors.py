"""What can go wrong when an acknowledgement is written."""

from __future__ import annotations


class AcknowledgementImpossible(ValueError):
    """No acknowledgement can be written, because a value that it must repeat is missing from the subject or
    is not allowed there (ISO 9735-4, "errors in data elements that are copied"; X12 TA1). The text says
    which one. People have to be told by another way."""
