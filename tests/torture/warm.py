"""What every gateway process needs, loaded and compiled once, for those that are forked from here."""

import edigw.admin.cli
import edigw.gateway.service
import edigw.store.migrations.run  # noqa: F401
from edigw import directory, mapping
from edigw.admin.demo.stage import sample

_message = directory.check(sample("orders_text.edi")).interchanges[0].messages[0]
_reader, _writer = mapping.find("edifact", "ORDERS", "D.96A"), mapping.find("x12", "850", "004010")
assert _reader is not None and _writer is not None and _message.tree is not None
_writer.write(_reader.read(_message.tree)[0])
directory.x12("004010").message("850")
