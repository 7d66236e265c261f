"""Findings: what is wrong (or was repaired) in a file, each at its place, from one table of rules.

The same finding object is what `edigw check` prints, what the log keeps, and what CONTRL, TA1, 997 and 999 report; so
every rule carries the codes of those acknowledgements. Sources: UN/EDIFACT data element 0085 (syntax 3 and 4 service
code lists), X12 data elements 720 (AK304), 723 (AK403), 718 (AK502), 716 (AK905) and I18 (TA105).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["file", "interchange", "group", "message", "segment", "element"]
Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding."""

    code: str
    level: Level
    sentence: str  # plain words, no place: "a mandatory segment is missing"
    contrl: str  # 0085, for syntax 3; "" if CONTRL has none
    x12: str  # the code of the acknowledgement segment of that level; "" if there is none
    contrl4: str = ""  # 0085 for syntax 4 where it differs


def _table(*rules: Rule) -> dict[str, Rule]:
    table = {rule.code: rule for rule in rules}
    if len(table) != len(rules):
        raise ValueError("two rules share a code")
    return table


RULES: dict[str, Rule] = _table(
    # file
    Rule("not_edi", "file", "the file holds no EDIFACT or X12 interchange", "", ""),
    Rule("stray_data", "file", "there is data outside of any interchange", "33", ""),
    Rule("unsupported_format", "file", "the format is recognised but not supported", "", ""),
    Rule("file_limit", "file", "the file holds more interchanges than are read", "", ""),
    # interchange (0085 in UCI; TA105)
    Rule("bad_una", "interchange", "UNA holds characters that can't be service characters", "20", "026"),
    Rule("bad_delimiters", "interchange", "the delimiters of ISA are not usable", "20", "026"),
    Rule("bad_header", "interchange", "the interchange header can't be read", "12", "022"),
    Rule("header_element_missing", "interchange", "a mandatory element of the header is missing", "13", "022"),
    Rule("unsupported_syntax", "interchange", "the syntax version is not supported", "2", "017"),
    Rule("invalid_character", "interchange", "a character is not in the declared character set", "21", "022"),
    Rule("interchange_trailer_missing", "interchange", "the interchange has no end (UNZ, IEA)", "13", "023"),
    Rule("interchange_reference", "interchange", "header and trailer carry different references", "28", "001"),
    Rule("interchange_count", "interchange", "the trailer's count is wrong", "29", "021"),
    Rule("interchange_empty", "interchange", "the interchange holds no message", "32", "024"),
    Rule("groups_mixed", "interchange", "messages stand both inside and outside of groups", "30", "024"),
    Rule("stray_segment", "interchange", "a segment stands outside of any message", "33", "022"),
    Rule("interchange_limit", "interchange", "the interchange is beyond the bounds of the reader", "18", "022"),
    Rule("binary_length", "interchange", "the length of binary data does not lead to its end", "12", "022"),
    Rule("unknown_sender", "interchange", "the sender is not known here", "23", "006"),
    Rule("unknown_receiver", "interchange", "the receiver is not known here", "7", "008"),
    Rule("sender_not_entitled", "interchange", "the login may not send for this sender", "23", "006"),
    Rule("test_not_accepted", "interchange", "test interchanges are not accepted from this sender", "25", "020"),
    Rule("duplicate_interchange", "interchange", "the reference was used before for other content", "26", "025"),
    # group (0085 in UCF; AK905)
    Rule("group_trailer_missing", "group", "the group has no end (UNE, GE)", "13", "3"),
    Rule("group_reference", "group", "group header and trailer carry different references", "28", "4"),
    Rule("group_count", "group", "the group trailer's count is wrong", "29", "5"),
    Rule("group_empty", "group", "the group holds no message", "32", "5"),
    Rule("group_reference_duplicate", "group", "the group reference occurs twice", "26", "6"),
    Rule("group_not_supported", "group", "the functional group is not supported", "17", "1"),
    Rule("group_header_invalid", "group", "the group header can't be read", "12", "6"),
    # message (0085 in UCM; AK502)
    Rule("message_trailer_missing", "message", "the message has no end (UNT, SE)", "13", "2"),
    Rule("message_reference", "message", "message header and trailer carry different references", "28", "3"),
    Rule("message_count", "message", "the number of segments in the trailer is wrong", "29", "4"),
    Rule("message_header_invalid", "message", "the message header can't be read", "12", "6"),
    Rule("message_reference_duplicate", "message", "the message reference occurs twice", "26", "23"),
    Rule("message_not_supported", "message", "this message type or version is not supported", "17", "1"),
    Rule("message_limit", "message", "the message is beyond the bounds of the reader", "18", "1"),
    Rule("message_not_in_group", "message", "this message does not belong into its group", "31", "18"),
    # segment (0085 in UCS; AK304)
    Rule("segment_unknown", "segment", "no such segment in the directory", "15", "1"),
    Rule("segment_not_in_message", "segment", "the segment does not occur in this message", "15", "6"),
    Rule("segment_out_of_order", "segment", "the segment stands at a wrong place", "15", "7"),
    Rule("segment_missing", "segment", "a mandatory segment is missing", "13", "3"),
    Rule("loop_missing", "segment", "a mandatory segment group is missing", "13", "3"),
    Rule("segment_too_often", "segment", "the segment occurs too often", "35", "5"),
    Rule("loop_too_often", "segment", "the segment group occurs too often", "36", "4"),
    Rule("hierarchy_broken", "segment", "the parent that the level names does not exist", "12", "8"),
    Rule("control_total", "segment", "the control total differs from what was counted", "12", "8"),
    # element (0085 in UCD; AK403)
    Rule("element_missing", "element", "a mandatory element is missing", "13", "1"),
    Rule("element_dependency", "element", "the element is required by another one", "13", "2", contrl4="48"),
    Rule("element_exclusion", "element", "the element excludes another one", "12", "10", contrl4="48"),
    Rule("too_many_elements", "element", "the segment has too many elements", "16", "3"),
    Rule("too_many_components", "element", "the element has too many components", "16", "3"),
    Rule("too_many_repetitions", "element", "the element is repeated too often", "35", "3"),
    Rule("too_short", "element", "the value is too short", "40", "4"),
    Rule("too_long", "element", "the value is too long", "39", "5"),
    Rule("wrong_characters", "element", "the value has characters that its type does not allow", "37", "6"),
    Rule("bad_number", "element", "the value is no number as the standard writes it", "37", "6"),
    Rule("invalid_code", "element", "the value is not in the code list", "12", "7"),
    Rule("bad_date", "element", "the value is no date", "12", "8"),
    Rule("bad_time", "element", "the value is no time", "12", "9"),
    # repairs: never reported in an acknowledgement
    Rule("repaired", "interchange", "the input deviates from the standard and was read all the same", "", ""),
    Rule("check_digit", "element", "the check digit of the number is wrong", "", ""),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or was repaired, at one place.

    `segment` counts from 1 at UNH/ST; `element`, `component` and `repetition` count from 1 as the standards do;
    `offset` is the byte in the file. `text` says in plain words, with the values, what a clerk has to correct.
    """

    code: str
    text: str
    severity: Severity = "error"
    segment: int | None = None
    tag: str = ""
    path: str = ""  # "SG2/NAD"; X12: "N1/N3"
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    data_element: str = ""
    value: str = ""
    offset: int | None = None

    @property
    def rule(self) -> Rule:
        """The rule that was broken."""
        return RULES[self.code]

    @property
    def level(self) -> Level:
        return RULES[self.code].level

    def standard_code(self, standard: str, syntax_version: int = 3) -> str:
        """The code under which the acknowledgement of `standard` reports this finding; "" if it reports none."""
        rule = RULES[self.code]
        if standard == "x12":
            return rule.x12
        return rule.contrl4 if syntax_version >= 4 and rule.contrl4 else rule.contrl
