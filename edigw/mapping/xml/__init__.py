"""UBL 2 (ISO/IEC 19845) in XML: documents read and written by bindings, with nothing lost in silence."""

from edigw.mapping.xml.binding import XmlBinding, read_ubl, ubl_binding, ubl_bindings, ubl_for, write_ubl
from edigw.mapping.xml.errors import XmlError

__all__ = ["XmlBinding", "XmlError", "read_ubl", "ubl_binding", "ubl_bindings", "ubl_for", "write_ubl"]
