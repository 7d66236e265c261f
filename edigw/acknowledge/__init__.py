"""Acknowledgements: CONTRL, TA1, 997 and 999, written from what validation found, and read to settle what
was sent."""

from edigw.acknowledge.accepted import accepted_messages
from edigw.acknowledge.codes import text_of
from edigw.acknowledge.contrl import contrl_body, write_contrl
from edigw.acknowledge.errors import AcknowledgementImpossible
from edigw.acknowledge.read import is_acknowledgement, read_acknowledgement
from edigw.acknowledge.settle import SentMessage, Settlement, settle
from edigw.acknowledge.verdict import AckCode, Counts, Outcome, Place, Verdict
from edigw.acknowledge.x12 import ta1, write_ta1, write_x12_acks, x12_ack_groups

__all__ = [
    "AckCode",
    "AcknowledgementImpossible",
    "Counts",
    "Outcome",
    "Place",
    "SentMessage",
    "Settlement",
    "Verdict",
    "accepted_messages",
    "contrl_body",
    "is_acknowledgement",
    "read_acknowledgement",
    "settle",
    "ta1",
    "text_of",
    "write_contrl",
    "write_ta1",
    "write_x12_acks",
    "x12_ack_groups",
]
