"""The layers of ARCHITECTURE.md, held against what the modules import."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = [
    "syntax",
    "directory",
    "acknowledge",
    "documents",
    "mapping",
    "store",
    "log",
    "openpgp",
    "partners",
    "witness",
    "transport",
    "gateway",
    "console",
    "admin",
]
FILES = sorted((ROOT / "edigw").rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The packages of edigw that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("edigw"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("edigw.")}
    return found & set(LAYERS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    own = path.relative_to(ROOT / "edigw").parts[0]
    if own in LAYERS:
        above = set(LAYERS[LAYERS.index(own) + 1 :])
        assert not imports(path) & above


def test_the_verifier_of_bundles_imports_nothing_of_the_project() -> None:
    assert "edigw" not in {
        (node.module or "").split(".")[0]
        for node in ast.walk(ast.parse((ROOT / "edigw/log/verify.py").read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
    }


def test_no_module_is_so_long_that_it_must_hold_two_ideas() -> None:
    # The bundle's verifier is one file by design.
    long = [p for p in FILES if p.name != "verify.py" and len(p.read_text("utf-8").splitlines()) > 500]
    assert long == []
