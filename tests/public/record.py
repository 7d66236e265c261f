"""Writes `outcomes.csv` anew after a deliberate change, keeps what reviewers wrote, and tells what is different.

python -m tests.public.record
"""

from __future__ import annotations

from dataclasses import replace

from tests.public.outcomes import golden, manifest, outcome, write


def main() -> None:
    """Every difference that is printed wants to be looked at before it is kept."""
    before = golden()
    after = []
    for path in sorted(manifest()):
        now = outcome(path)
        known = before.get(path)
        if known is None:
            print(f"{path}: new, {now.outcome}")
        else:
            now = replace(now, why=known.why)
            for difference in known.differences(now):
                print(f"{path}: {difference}")
        after.append(now)
    write(after)


if __name__ == "__main__":
    main()
