"""The code lists of acknowledgements, in plain words.

EDIFACT reports an error with data element 0085; X12 has a list for every level: I18 (TA105), 716 (AK905),
718 (AK502) with 618 (IK502), 720 (AK304) with 620 (IK304), 723 (AK403) with 621 (IK403). The lists of the
999 are those of the 997 plus codes that begin with "I", so one table serves both. Sources: UN/EDIFACT
service code lists of syntax 3 and 4 (and the older list printed with D.99A), X12 data element dictionary.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal, TypeAlias

CodeList: TypeAlias = Literal["0085", "I18", "716", "718", "720", "723"]

UNSPECIFIED = "18"  # of 0085

_0085_ALL = {
    "2": "the syntax version or level is not supported",
    "7": "this is not the recipient that the interchange names",
    "12": "the value is invalid",
    "13": "something mandatory is missing",
    "14": "the value is not supported at this place",
    "15": "this is not supported at this place",
    "16": "there are too many elements or components",
    "17": "there is no agreement for it",
    "18": "an error that has no code of its own",
    "20": "a character can't be a service character",
    "21": "a character is not in the character set",
    "22": "a service character is invalid",
    "23": "the sender of the interchange is unknown",
    "24": "the interchange is too old",
    "25": "tests are not supported",
    "26": "the reference was used before",
    "28": "header and trailer carry different references",
    "29": "the trailer's count is wrong",
    "30": "groups and messages are mixed",
    "32": "there is nothing inside",
    "33": "data stands outside of any message or group",
    "35": "it is repeated too often",
    "36": "the segment group is repeated too often",
    "37": "the value has characters that its type does not allow",
    "39": "the value is too long",
    "40": "the value is too short",
}
_0085_SYNTAX_3 = {
    "19": "the decimal notation is invalid",
    "27": "the security function is not supported",
    "31": "the group holds more than one message type",
    "34": "explicit nesting is not allowed",
    "38": "there is no digit before the decimal mark",
    "41": "the network failed for good",
    "42": "the network failed for the time being",
    "43": "the recipient of the interchange is unknown",
}
_0085_SYNTAX_4 = {
    "45": "a separator stands at the end where it must be left out",
    "46": "the character set is not supported",
    "47": "a feature of the envelope is not supported",
    "48": "a dependency between elements is not kept",
}
_0085_OLD = {  # before CONTRL D.3; still met in received acknowledgements
    "1": "UNA is not supported",
    "3": "the version or release of the message is not supported",
    "4": "a service segment is missing or invalid",
    "5": "the trailer does not agree",
    "6": "a segment is missing or invalid",
    "8": "the segment has too many elements",
    "9": "a mandatory element is missing",
    "10": "the value does not have the element's type or length",
    "11": "the password is invalid",
    "44": "the application is not available for the time being",
}

_I18 = {
    "000": "no error",
    "001": "the control numbers of ISA and IEA differ",
    "002": "the standard that ISA11 names is not supported",
    "003": "the version of the envelope is not supported",
    "004": "the segment terminator is invalid",
    "005": "the qualifier of the sender's id is invalid",
    "006": "the sender's id is invalid",
    "007": "the qualifier of the receiver's id is invalid",
    "008": "the receiver's id is invalid",
    "009": "the receiver is unknown",
    "010": "the authorisation qualifier is invalid",
    "011": "the authorisation information is invalid",
    "012": "the security qualifier is invalid",
    "013": "the security information is invalid",
    "014": "the interchange date is invalid",
    "015": "the interchange time is invalid",
    "016": "the standards id is invalid",
    "017": "the version id of the interchange is invalid",
    "018": "the interchange control number is invalid",
    "019": "the acknowledgement request is invalid",
    "020": "the test indicator is invalid",
    "021": "the number of groups in IEA is wrong",
    "022": "the control structure is invalid",
    "023": "the interchange ends too early",
    "024": "the content of the interchange is invalid, a GS for example",
    "025": "the interchange control number was used before",
    "026": "the element separator is invalid",
    "027": "the component separator is invalid",
    "028": "the delivery date of a deferred delivery is invalid",
    "029": "the delivery time of a deferred delivery is invalid",
    "030": "the time code of a deferred delivery is invalid",
    "031": "the grade of service is invalid",
    "032": "the repetition separator is invalid",
}
_SECURITY_BRACKETS = (
    "a security start segment has no end segment (S3S, S3E)",
    "a security end segment has no start segment (S3E, S3S)",
    "a security start segment has no end segment (S4S, S4E)",
    "a security end segment has no start segment (S4E, S4S)",
)
_716 = {
    "1": "the functional group is not supported",
    "2": "the version of the functional group is not supported",
    "3": "the group has no end (GE)",
    "4": "the control numbers of GS and GE differ",
    "5": "the number of sets in GE is wrong",
    "6": "the group control number is invalid",
    "7": "the application sender's code is invalid",
    "8": "the application receiver's code is invalid",
    "9": "the responsible agency code is invalid",
    "10": "the authentication key is unknown",
    "11": "the encryption key is unknown",
    "12": "the requested security service is not available",
    "13": "the security recipient is unknown",
    "14": "the security originator is unknown",
    "15": "the decrypted text has a syntax error",
    "16": "security is not supported",
    "17": "the length of the encrypted text is wrong",
    "18": "the authentication code does not agree",
    "19": "the group control number is not unique in the interchange",
    **{str(23 + i): text for i, text in enumerate(_SECURITY_BRACKETS)},
    "30": "the group date is invalid",
    "31": "the group time is invalid",
    "32": "control segments of a set are invalid",
}
_718 = {
    "1": "the transaction set is not supported",
    "2": "the set has no end (SE)",
    "3": "the control numbers of ST and SE differ",
    "4": "the number of segments in SE is wrong",
    "5": "segments of the set are in error",
    "6": "the set's identifier is missing or invalid",
    "7": "the set's control number is missing or invalid",
    "8": "the authentication key is unknown",
    "9": "the encryption key is unknown",
    "10": "the requested security service is not available",
    "11": "the security recipient is unknown",
    "12": "the length of the encrypted text is wrong",
    "13": "the authentication code does not agree",
    "15": "the security originator is unknown",
    "16": "the decrypted text has a syntax error",
    "17": "security is not supported",
    "18": "the set does not belong into its group",
    "19": "the implementation guide that the set names is invalid",
    "23": "the set's control number is not unique in its group",
    **{str(24 + i): text for i, text in enumerate(_SECURITY_BRACKETS)},
    "I5": "segments of the set break the implementation guide",
    "I6": "the implementation guide is not supported",
}
_720 = {
    "1": "no segment has this id",
    "2": "the segment was not expected here",
    "3": "a mandatory segment is missing",
    "4": "the loop occurs too often",
    "5": "the segment occurs too often",
    "6": "the segment does not occur in this transaction set",
    "7": "the segment stands at a wrong place",
    "8": "elements of the segment are in error",
    "I4": "the guide does not use this segment",
    "I6": "a segment is missing that the guide requires in this situation",
    "I7": "the loop occurs less often than the guide requires",
    "I8": "the segment occurs less often than the guide requires",
    "I9": "the guide does not use this segment in this situation",
}
_723 = {
    "1": "a mandatory element is missing",
    "2": "an element is missing that another one requires",
    "3": "there are too many elements",
    "4": "the value is too short",
    "5": "the value is too long",
    "6": "the value has characters that are not allowed",
    "7": "the code is not in the code list",
    "8": "the date is invalid",
    "9": "the time is invalid",
    "10": "the element excludes another one",
    "12": "the element is repeated too often",
    "13": "the element has too many components",
    "16": "component separators stand at the end of the element",
    "I6": "the guide does not use this code",
    "I9": "an element is missing that the guide requires in this situation",
    "I10": "the guide does not use this element",
    "I11": "the element is repeated less often than the guide requires",
    "I12": "the value does not have the pattern that the guide requires",
    "I13": "the guide does not use this element in this situation",
}

TEXTS: MappingProxyType[CodeList, MappingProxyType[str, str]] = MappingProxyType(
    {
        "0085": MappingProxyType(_0085_OLD | _0085_ALL | _0085_SYNTAX_3 | _0085_SYNTAX_4),
        "I18": MappingProxyType(_I18),
        "716": MappingProxyType(_716),
        "718": MappingProxyType(_718),
        "720": MappingProxyType(_720),
        "723": MappingProxyType(_723),
    }
)

_CONTRL_CODES = {3: frozenset(_0085_ALL | _0085_SYNTAX_3), 4: frozenset(_0085_ALL | _0085_SYNTAX_4)}
_CONTRL_NEAREST = {"19": "37", "38": "37", "34": "15", "43": "7", "46": "21", "47": "15"}


def text_of(code_list: CodeList, code: str) -> str:
    """What `code` of a list means, in plain words. An unknown code gives a text that says so."""
    return TEXTS[code_list].get(code) or f"code {code}, which is not in list {code_list}"


def contrl_code(code: str, syntax_version: int) -> str:
    """`code` of 0085 as the CONTRL of this syntax version may state it: itself, else the nearest code of that
    version, else 18 (unspecified error). Syntax 1 to 3 share one list, CONTRL D.3."""
    allowed = _CONTRL_CODES[4 if syntax_version >= 4 else 3]
    if code in allowed:
        return code
    nearest = _CONTRL_NEAREST.get(code, UNSPECIFIED)
    return nearest if nearest in allowed else UNSPECIFIED
