"""Views: a document in the shape of a message where rules alone can't bridge the two; one module for each kind of
document, `catalogue` names them for bindings."""

from edigw.mapping.views.catalogue import DERIVATIONS, TOTALS, VIEWS, Derivation, View

__all__ = ["DERIVATIONS", "TOTALS", "VIEWS", "Derivation", "View"]
