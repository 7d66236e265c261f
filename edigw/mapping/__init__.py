"""Bindings: documents read from messages and written as messages, with nothing lost in silence."""

from edigw.mapping.compiler import Binding
from edigw.mapping.errors import BindingError, UnknownBinding
from edigw.mapping.loss import Kind, Loss
from edigw.mapping.registry import binding, bindings, by_document, find, suited
from edigw.syntax.model import flatten

__all__ = [
    "Binding",
    "BindingError",
    "Kind",
    "Loss",
    "UnknownBinding",
    "binding",
    "bindings",
    "by_document",
    "find",
    "flatten",
    "suited",
]
