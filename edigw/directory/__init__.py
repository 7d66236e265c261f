"""The directories: what UN/EDIFACT and ASC X12 messages consist of, and the check of messages against
them."""

from edigw.directory.directory import Directory, edifact, open_own, positions, service, x12
from edigw.directory.errors import (
    NotInDirectory,
    UnknownElement,
    UnknownMessage,
    UnknownSegment,
    UnknownVersion,
)
from edigw.directory.hierarchy import nested
from edigw.directory.options import DEFAULT_SEVERITIES, ValidationOptions
from edigw.directory.packaged import OwnDirectoryError
from edigw.directory.validate import check, checked, directory_of, validate

__all__ = [
    "DEFAULT_SEVERITIES",
    "Directory",
    "NotInDirectory",
    "OwnDirectoryError",
    "UnknownElement",
    "UnknownMessage",
    "UnknownSegment",
    "UnknownVersion",
    "ValidationOptions",
    "check",
    "checked",
    "directory_of",
    "edifact",
    "nested",
    "open_own",
    "positions",
    "service",
    "validate",
    "x12",
]
