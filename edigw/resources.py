"""Files that ship with edigw but lie at the top of its repository: `mappings/` and `samples/`."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The folder `name` ("mappings", "samples"): inside an installed wheel, else at the top of the checkout."""
    packaged = _PACKAGE / "_packaged" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name
