"""The acknowledgement of one interchange, as `edigw ack` prints it."""

from __future__ import annotations

from datetime import datetime

from edigw import acknowledge
from edigw.acknowledge import AcknowledgementImpossible
from edigw.admin.files import Form
from edigw.admin.output import CommandError
from edigw.syntax import Interchange, WriteError

_FIRST_999 = "005010"


def answer(interchange: Interchange, form: Form, control: int, now: datetime) -> bytes | None:
    """The interchange that answers `interchange`, numbered `control`; None if it is not to be answered (it holds
    acknowledgements). `AUTO` is a CONTRL, or a 997 with the TA1 that ISA14 asks for. Raises CommandError if there is no
    such answer."""
    standard = "edifact" if form is Form.CONTRL else "x12"
    if form is not Form.AUTO and interchange.standard != standard:
        other = "X12" if standard == "edifact" else "EDIFACT"
        raise CommandError(f"interchange {interchange.control}: a {form.value.upper()} can't answer {other}")
    try:
        return _written(interchange, form, control, now)
    except (AcknowledgementImpossible, WriteError) as error:
        raise CommandError(f"interchange {interchange.control}: no acknowledgement is possible: {error}") from error


def _written(interchange: Interchange, form: Form, control: int, now: datetime) -> bytes | None:
    if interchange.standard == "edifact":
        return acknowledge.write_contrl(interchange, control=str(control), message_control="1", now=now)
    if form is Form.TA1:
        return acknowledge.write_ta1(interchange, control=control, now=now)
    if form is not Form.AUTO and not interchange.accepted:
        raise AcknowledgementImpossible(f"the envelope is rejected, which a TA1 says and a {form.value} can't")
    if form is Form.X999 and any(g.version < _FIRST_999 for g in interchange.groups if g.functional_id != "FA"):
        raise AcknowledgementImpossible(f"a 999 answers version {_FIRST_999} and later; use a 997")
    return acknowledge.write_x12_acks(
        interchange,
        control=control,
        group_control=control,
        now=now,
        include_ta1=None if form is Form.AUTO else False,
        set_id="999" if form is Form.X999 else "997",
    )
