"""The directories: what UN/EDIFACT and ASC X12 messages consist of, and the check of messages against
them."""

from edigw.directory.directory import Directory, edifact, positions, service, x12
from edigw.directory.errors import (
    NotInDirectory,
    UnknownElement,
    UnknownMessage,
    UnknownSegment,
    UnknownVersion,
)
from edigw.directory.hierarchy import nested
from edigw.directory.options import DEFAULT_SEVERITIES, ValidationOptions
from edigw.directory.validate import check, directory_of, validate

__all__ = [
    "DEFAULT_SEVERITIES",
    "Directory",
    "NotInDirectory",
    "UnknownElement",
    "UnknownMessage",
    "UnknownSegment",
    "UnknownVersion",
    "ValidationOptions",
    "check",
    "directory_of",
    "edifact",
    "nested",
    "positions",
    "service",
    "validate",
    "x12",
]
