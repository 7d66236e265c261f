"""Findings: what is wrong (or was repaired) in a file, each at its place, from one table of rules.

The same finding object is what `edigw check` prints, what the log keeps, and what CONTRL, TA1, 997 and 999 report; so
every rule carries the codes of those acknowledgements. Sources: UN/EDIFACT data element 0085 (syntax 3 and 4 service
code lists), X12 data elements 720 (AK304), 723 (AK403), 718 (AK502), 716 (AK905) and I18 (TA105).

There are three kinds of rules. Those about what can't be read or must not be forwarded always reject. Those of
*validation* reject unless an agreement is milder. A *tolerance* is a deviation that is read all the same: it leaves a
note unless an agreement ignores it or rejects what deviates; then it has codes like any other error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["file", "interchange", "group", "message", "segment", "element"]
Severity: TypeAlias = Literal["error", "warning", "note"]
Severities: TypeAlias = Mapping[str, Severity | None]  # by rule code; None: say nothing of it


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding."""

    code: str
    level: Level
    sentence: str  # plain words, no place: "a mandatory segment is missing"
    contrl: str  # 0085, for syntax 3; "" if CONTRL has none
    x12: str  # the code of the acknowledgement segment of that level; "" if there is none
    contrl4: str = ""  # 0085 for syntax 4 where it differs
    severity: Severity = "error"  # unless an agreement says otherwise
    kind: Literal["fixed", "validation", "tolerance"] = "fixed"
    x12_guide: str = ""  # the code of the 999 if it is one of those that speak of an implementation guide


def _table(fixed: Iterable[Rule], validation: Iterable[Rule], tolerances: Iterable[Rule]) -> dict[str, Rule]:
    rules = [
        *fixed,
        *(replace(rule, kind="validation") for rule in validation),
        *(replace(rule, kind="tolerance") for rule in tolerances),
    ]
    table = {rule.code: rule for rule in rules}
    if len(table) != len(rules):
        raise ValueError("two rules share a code")
    return table


_FIXED = (
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
    Rule("unsupported_encoding", "interchange", "the encoding of the text is not supported", "21", "", contrl4="46"),
    Rule("invalid_character", "interchange", "a character is not in the declared character set", "21", "022"),
    Rule("interchange_trailer_missing", "interchange", "the interchange has no end (UNZ, IEA)", "13", "023"),
    Rule("interchange_reference", "interchange", "header and trailer carry different references", "28", "001"),
    Rule("groups_mixed", "interchange", "messages stand both inside and outside of groups", "30", "024"),
    Rule("stray_segment", "interchange", "a segment stands outside of any message", "33", "022"),
    Rule("interchange_limit", "interchange", "the interchange is beyond the bounds of the reader", "18", "022"),
    Rule("binary_length", "interchange", "the length of binary data does not lead to its end", "12", "022"),
    Rule("object_trailer", "interchange", "header and trailer of an object differ", "28", "022"),
    Rule("unknown_sender", "interchange", "the sender is not known here", "23", "006"),
    Rule("unknown_receiver", "interchange", "the receiver is not known here", "7", "009"),
    Rule("sender_not_entitled", "interchange", "the login may not send for this sender", "23", "006"),
    Rule("test_not_accepted", "interchange", "test interchanges are not accepted from this sender", "25", "020"),
    Rule("duplicate_interchange", "interchange", "the reference was used before for other content", "26", "025"),
    # group (0085 in UCF; AK905)
    Rule("group_trailer_missing", "group", "the group has no end (UNE, GE)", "13", "3"),
    Rule("group_reference", "group", "group header and trailer carry different references", "28", "4"),
    Rule("group_reference_duplicate", "group", "the group reference occurs twice", "26", "6"),
    Rule("group_not_supported", "group", "the functional group is not supported", "17", "1"),
    Rule("group_header_invalid", "group", "the group header can't be read", "12", "6"),
    # message (0085 in UCM; AK502)
    Rule("message_trailer_missing", "message", "the message has no end (UNT, SE)", "13", "2"),
    Rule("message_reference", "message", "message header and trailer carry different references", "28", "3"),
    Rule("message_header_invalid", "message", "the message header can't be read", "12", "6"),
    Rule("message_reference_duplicate", "message", "the message reference occurs twice", "26", "23"),
    Rule("message_not_supported", "message", "this message type or version is not supported", "17", "1"),
    Rule("message_limit", "message", "the message is beyond the bounds of the reader", "18", "1"),
    Rule("all_or_nothing", "message", "another message is rejected, and all or none are accepted", "18", ""),
    # element (0085 in UCD; AK403)
    Rule("foreign_character", "element", "the value has a character outside of the declared character set", "21", "6"),
)


def _guide(code: str, level: Level, sentence: str, contrl: str, x12: str, x12_guide: str) -> Rule:
    return Rule(f"guide_{code}", level, sentence, contrl, x12, x12_guide=x12_guide)


_VALIDATION = (
    Rule("header_code", "interchange", "a code of the header is not in the list", "12", "022", severity="warning"),
    Rule("interchange_count", "interchange", "the trailer's count is wrong", "29", "021"),
    Rule("interchange_empty", "interchange", "the interchange holds no message", "32", "024"),
    Rule("objects_not_supported", "interchange", "objects (UNO, UNP) are not passed on", "15", "022", contrl4="47"),
    Rule("group_count", "group", "the group trailer's count is wrong", "29", "5"),
    Rule("group_empty", "group", "the group holds no message", "32", "5"),
    Rule("message_count", "message", "the number of segments in the trailer is wrong", "29", "4"),
    Rule("message_not_in_group", "message", "this message does not belong into its group", "31", "18"),
    # segment (0085 in UCS; AK304)
    Rule("segment_unknown", "segment", "no such segment in the directory", "15", "1"),
    Rule("segment_not_in_message", "segment", "the segment does not occur in this message", "15", "6"),
    Rule("segment_out_of_order", "segment", "the segment stands at a wrong place", "15", "7"),
    Rule("segment_missing", "segment", "a mandatory segment is missing", "13", "3"),
    Rule("loop_missing", "segment", "a mandatory segment group is missing", "13", "3"),
    Rule("segment_too_often", "segment", "the segment occurs too often", "35", "5"),
    Rule("loop_too_often", "segment", "the segment group occurs too often", "36", "4"),
    # element (0085 in UCD; AK403)
    Rule("element_missing", "element", "a mandatory element is missing", "13", "1"),
    Rule("hierarchy_broken", "element", "the parent that the level names does not exist", "12", "7"),
    Rule("control_total", "element", "the control total differs from what was counted", "12", "7"),
    Rule("element_dependency", "element", "the element is required by another one", "13", "2", contrl4="48"),
    Rule("element_exclusion", "element", "the element excludes another one", "12", "10", contrl4="48"),
    Rule("too_many_elements", "element", "the segment has too many elements", "16", "3"),
    Rule("too_many_components", "element", "the element has too many components", "16", "3"),
    Rule("too_many_repetitions", "element", "the element is repeated too often", "35", "3"),
    Rule("too_short", "element", "the value is too short", "40", "4"),
    Rule("too_long", "element", "the value is too long", "39", "5"),
    Rule("wrong_characters", "element", "the value has characters that its type does not allow", "37", "6"),
    Rule("bad_number", "element", "the value is no number as the standard writes it", "37", "6"),
    Rule(
        "wrong_decimal_mark", "element", "the number has another decimal mark than UNA gives", "19", "6", contrl4="37"
    ),
    Rule("no_leading_digit", "element", "no digit stands before the decimal mark", "38", "6", contrl4="37"),
    Rule("invalid_code", "element", "the value is not in the code list", "12", "7"),
    Rule("eancom_code", "element", "only EANCOM may have this code", "12", "", severity="warning"),
    Rule("bad_date", "element", "the value is no date", "12", "8"),
    Rule("bad_time", "element", "the value is no time", "12", "9"),
    Rule("check_digit", "element", "the check digit of the number is wrong", "", "", severity="warning"),
    # implementation guides: what the standard allows, and the partners agreed to leave out
    _guide("not_kept", "message", "this form of the message was not agreed", "17", "1", "I6"),
    _guide("segment_unused", "segment", "the guide does not use this segment", "15", "2", "I4"),
    _guide("segment_missing", "segment", "a segment is missing that the guide requires", "13", "3", "I8"),
    _guide("loop_missing", "segment", "a segment group is missing that the guide requires", "13", "3", "I7"),
    _guide("segment_too_often", "segment", "the segment occurs more often than the guide allows", "35", "5", ""),
    _guide("loop_too_often", "segment", "the segment group occurs more often than the guide allows", "36", "4", ""),
    _guide("segment_needed", "segment", "a segment is missing that the guide requires here", "13", "3", "I6"),
    _guide("segment_excluded", "segment", "the guide does not use this segment here", "15", "2", "I9"),
    _guide("element_missing", "element", "an element is missing that the guide requires", "13", "1", "I9"),
    _guide("element_unused", "element", "the guide does not use this element", "15", "10", "I10"),
    _guide("element_needed", "element", "an element is missing that the guide requires here", "13", "2", "I9"),
    _guide("element_excluded", "element", "the guide does not use this element here", "15", "10", "I13"),
    _guide("element_too_few", "element", "the element occurs less often than the guide requires", "13", "1", "I11"),
    _guide("code_unused", "element", "the guide does not use this code", "14", "7", "I6"),
    _guide("value", "element", "the guide prescribes another value", "14", "7", "I12"),
    _guide("too_short", "element", "the value is shorter than the guide allows", "40", "4", "I12"),
    _guide("too_long", "element", "the value is longer than the guide allows", "39", "5", "I12"),
    _guide("pattern", "element", "the value does not have the form that the guide wants", "12", "7", "I12"),
    _guide("decimals", "element", "the number has more decimals than the guide allows", "12", "7", "I12"),
    _guide("check_digit", "element", "the check digit that the guide wants to be right is wrong", "12", "7", "I12"),
    _guide("relation", "element", "the value does not agree with others as the guide wants", "12", "7", "I12"),
)


def _tolerance(
    code: str, level: Level, sentence: str, contrl: str, x12: str, contrl4: str = "", severity: Severity = "note"
) -> Rule:
    return Rule(code, level, sentence, contrl, x12, contrl4, severity)


# Where the strict reading of a deviation is an error of its own, that error is reported if it is not tolerated; the
# comment names it.
_TOLERANCES = (
    # before and between segments
    _tolerance("byte_order_mark", "interchange", "a byte-order mark stands before the header", "21", "022"),
    # not_edi
    _tolerance("foreign_header", "interchange", "lines of something else stand first", "33", "022", severity="error"),
    _tolerance("stray_terminator", "interchange", "a segment terminator stands before the header", "33", "022"),
    _tolerance("line_breaks", "interchange", "segments are followed by line breaks", "21", "022"),
    _tolerance("blanks", "interchange", "blanks stand between segments", "21", "022"),
    _tolerance("wrapped_lines", "interchange", "segments are broken into lines", "21", "022"),
    _tolerance("empty_segments", "interchange", "segment terminators stand without a segment", "13", "022"),
    _tolerance("unterminated", "interchange", "the last segment has no terminator", "13", "023"),
    # the header of the interchange
    _tolerance("line_break_terminator", "interchange", "a line break is the segment terminator", "22", "004"),
    _tolerance("isa_unpadded", "interchange", "the elements of ISA are not padded", "12", "022", severity="error"),
    _tolerance("isa_terminator_blanks", "interchange", "blanks stand before the terminator of ISA", "22", "004"),
    _tolerance("isa11_letter", "interchange", "ISA11 is a letter, digit or blank from 00402 on", "12", "002"),
    _tolerance("una_blanks", "interchange", "blanks or a line break stand behind UNA", "21", "022"),
    _tolerance("una_short", "interchange", "UNA has five characters", "20", "026"),
    _tolerance("una_contradicted", "interchange", "UNB uses other separators than UNA gives", "20", "026"),
    _tolerance("una_repetition", "interchange", "UNA and the syntax version disagree on repetitions", "20", "026"),
    _tolerance("separators_without_una", "interchange", "unusual service characters without UNA", "22", "026"),
    _tolerance("header_date", "interchange", "a date in a header has the length of another version", "12", "014"),
    # interchange_reference, group_reference, message_reference
    _tolerance("leading_zeros", "interchange", "header and trailer write their reference differently", "28", "001"),
    # within segments
    _tolerance("needless_release", "segment", "a character is released without need", "22", "8"),
    _tolerance("trailing_separators", "segment", "separators stand at the end", "16", "8", contrl4="45"),
    _tolerance("explicit_nesting", "segment", "the tag carries nesting numbers", "34", "1", contrl4="15"),
    # foreign_character, invalid_character
    _tolerance("repertoire", "element", "a printable character is outside of the declared level", "21", "6"),
    _tolerance("fallback_charset", "element", "the text is in the character set agreed as a fallback", "21", "6"),
    # what the directory says of it
    _tolerance("repetition_as_data", "element", "the repetition separator is an ordinary character", "35", "6"),
    # bad_number
    _tolerance("blank_numbers", "element", "blanks stand where a number may be given", "37", "6"),
    _tolerance("thousands_separators", "element", "a number is written with thousands separators", "37", "6"),
    _tolerance("s_version", "message", "version S names a D directory", "12", "1"),
    _tolerance("association_mismatch", "message", "the association code belongs to another directory", "12", "19"),
)

RULES: dict[str, Rule] = _table(_FIXED, _VALIDATION, _TOLERANCES)


def severity_of(code: str, agreed: Severities) -> Severity | None:
    """How severe a finding by rule `code` is: as agreed, else as the rule says. None: nothing is to be said of it."""
    return agreed[code] if code in agreed else RULES[code].severity


def check_severities(severities: Severities) -> None:
    """Raises ValueError if there is no rule for a code."""
    if unknown := severities.keys() - RULES.keys():
        raise ValueError(f"there is no rule {', '.join(sorted(unknown))}")


_ABSENCES = frozenset(
    {"segment_missing", "loop_missing", "guide_segment_missing", "guide_loop_missing", "guide_segment_needed"}
)


# The codes of TA105 (I18) and AK905 (716) by the element of the header that is wrong.
_HEADER_CODES: Mapping[tuple[str, int | None], str] = {
    ("ISA", 1): "010",
    ("ISA", 2): "011",
    ("ISA", 3): "012",
    ("ISA", 4): "013",
    ("ISA", 5): "005",
    ("ISA", 6): "006",
    ("ISA", 7): "007",
    ("ISA", 8): "008",
    ("ISA", 9): "014",
    ("ISA", 10): "015",
    ("ISA", 11): "016",
    ("ISA", 12): "017",
    ("ISA", 13): "018",
    ("ISA", 14): "019",
    ("ISA", 15): "020",
    ("GS", 1): "1",
    ("GS", 2): "7",
    ("GS", 3): "8",
    ("GS", 4): "30",
    ("GS", 5): "31",
    ("GS", 6): "6",
    ("GS", 7): "9",
    ("GS", 8): "2",
}
_ABOUT_HEADERS = frozenset(
    {"bad_header", "header_code", "header_date", "header_element_missing", "group_header_invalid"}
)
_DELIMITER_CODES: Mapping[int | None, str] = {11: "032", 16: "027"}
_LONGEST = 500  # characters of a text or value


@dataclass(frozen=True, slots=True)
class Trigger:
    """The place in a message on account of which a guide requires something, or excludes it, at another. Counted as
    findings count."""

    segment: int
    tag: str
    element: int | None = None
    component: int | None = None
    data_element: str = ""


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
    guide: str = ""  # the implementation guide that says so; "" if it is the standard
    trigger: Trigger | None = None  # what makes a rule of the guide apply

    def __post_init__(self) -> None:
        """A sender can put any amount of data where a reference belongs; what is told of it is bounded."""
        if len(self.text) <= _LONGEST and len(self.tag) <= _LONGEST and len(self.value) <= _LONGEST:
            return
        for name in ("text", "tag", "value"):
            told: str = getattr(self, name)
            if len(told) > _LONGEST:
                object.__setattr__(self, name, f"{told[: _LONGEST - 1]}…")

    @property
    def rule(self) -> Rule:
        """The rule that was broken."""
        return RULES[self.code]

    @property
    def level(self) -> Level:
        return RULES[self.code].level

    @property
    def absence(self) -> bool:
        """Whether it tells of a segment or group that is not there; `segment` is where that showed."""
        return self.code in _ABSENCES

    def standard_code(self, standard: str, syntax_version: int = 3) -> str:
        """The code under which the acknowledgement of `standard` reports this finding; "" if it reports none. An
        element of ISA or GS has its code in TA1 or AK9, whatever is wrong with it."""
        rule = RULES[self.code]
        if standard == "x12" and self.code == "bad_delimiters":
            return _DELIMITER_CODES.get(self.element, rule.x12)
        if standard == "x12":
            of_header = rule.level == "element" or rule.code in _ABOUT_HEADERS
            return _HEADER_CODES.get((self.tag, self.element), rule.x12) if of_header else rule.x12
        return rule.contrl4 if syntax_version >= 4 and rule.contrl4 else rule.contrl
