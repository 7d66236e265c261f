"""edigw: an EDI exchange gateway that one company can run."""

__version__ = "0.1.0"
