"""Implementation guides: a partner's overlay that narrows or widens a message of the standard.

guide = load_guide(Path("acme-orders.yaml"))
parsed = edigw.directory.check(data)
apply(parsed, [guide])
"""

from edigw.directory.guides.apply import apply, check_message, load_guide, problems
from edigw.directory.guides.compile import Compiled, compiled
from edigw.directory.guides.errors import GuideError
from edigw.directory.guides.model import Entry, Guide, PrivateElement, PrivateSegment, Rule
from edigw.directory.guides.read import parse_guide, read_guide

__all__ = [
    "Compiled",
    "Entry",
    "Guide",
    "GuideError",
    "PrivateElement",
    "PrivateSegment",
    "Rule",
    "apply",
    "check_message",
    "compiled",
    "load_guide",
    "parse_guide",
    "problems",
    "read_guide",
]
