"""What an acknowledgement accepts: the one place that says which messages may be processed."""

from __future__ import annotations

from edigw.acknowledge.subjects import answerable, set_names
from edigw.acknowledge.values import errors_of
from edigw.syntax.model import Group, Interchange, Message


def accepted_messages(interchange: Interchange) -> list[Message]:
    """The messages that the acknowledgement of `interchange` accepts, in their order. What is not in the list must
    not be processed, because its sender is told that it was rejected.

    An error in the envelope rejects everything, one in a group all that is in it. An X12 group is also rejected if a
    997 can't name it or one of its sets. Acknowledgements, which are never answered, are judged alike.
    """
    if not interchange.accepted:
        return []
    inside = {id(message): _accepts(group) for group in interchange.groups for message in group.messages}
    return [m for m in interchange.messages if m.valid and inside.get(id(m), True)]


def _accepts(group: Group) -> bool:
    if errors_of(group.findings):
        return False
    x12 = group.header[0] == "GS"
    return not x12 or (answerable(group) and None not in set_names(group))
