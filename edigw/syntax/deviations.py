"""How segments deviate from the standards before they are cut into elements, and are read all the same: line breaks,
blanks, needless releases, separators at the end, empty segments."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

from edigw.syntax.model import Delimiters
from edigw.syntax.options import ReadOptions
from edigw.syntax.repairs import Repairs


@dataclass(frozen=True, slots=True)
class Batch:
    """Raw segments that follow each other. Item i is `raw[i]`, starts at byte `starts[i]` of the file and ends,
    terminator included, before byte `ends[i]`. `tags[i]` are its first three characters."""

    raw: list[str]
    tags: list[str]
    starts: list[int]
    ends: list[int]

    def part(self, first: int, last: int) -> Batch:
        """The segments from `first` up to, not including, `last`."""
        span = slice(first, last)
        return Batch(self.raw[span], self.tags[span], self.starts[span], self.ends[span])


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the buffer from byte `base` on."""

    base: int
    text: str  # with released characters hidden
    octets: bytes
    last: bool  # whether it ends with the buffer
    releases: list[tuple[int, str]]  # characters that needed no release, and the byte of the release character


class Deviations:
    """Notes the deviations of one interchange."""

    def __init__(self, delimiters: Delimiters, options: ReadOptions, repairs: Repairs) -> None:
        self._delimiters = delimiters
        self._repairs = repairs
        self._breaks = "\r\n".replace(delimiters.terminator, "")
        element, component = delimiters.element, delimiters.component
        self._ends = (element, component)
        self._between = component + element
        self._trailing_said = options.severity("trailing_separators") is not None

    def note(self, batch: Batch, before: list[int], block: Block) -> None:
        """Note what deviates in a batch of the block; `before[i]` is where the segment before item i ends."""
        self.releases(block, batch.ends[-1])
        before = before[: len(batch.raw)]
        if batch.starts != before:
            self._note_blanks(batch, before, block)
        if [block.base, *batch.ends[:-1]] != before:
            self._note_empty(batch, before, block)
        if "\n" in block.text or "\r" in block.text:
            self._note_wrapped(batch, block)
        if self._trailing_said and (
            self._between in block.text or not set(map(itemgetter(-1), batch.raw)).isdisjoint(self._ends)
        ):
            self._note_trailing(batch)
        if block.text[batch.ends[-1] - block.base - 1] != self._delimiters.terminator:
            text = f"the last segment, up to byte {batch.ends[-1]}, has no terminator"
            self._repairs.note("unterminated", text, batch.ends[-1])

    def releases(self, block: Block, end: int) -> None:
        """Note the needless releases before byte `end`."""
        self._repairs.note_all(
            "needless_release",
            [
                (place, f"{character!r} is released at byte {place} without need")
                for place, character in block.releases
                if place < end
            ],
        )

    def _note_blanks(self, batch: Batch, before: list[int], block: Block) -> None:
        base, text = block.base, block.text
        gaps = [text[end - base : start - base] for end, start in zip(before, batch.starts, strict=True)]
        kinds = {gap for gap in gaps if gap}
        if self._breaks != "\r\n":
            kinds = {gap for gap in kinds if gap.strip("\r\n")}  # CR LF: the one ends segments, the other belongs to it
        breaks = {gap for gap in kinds if not gap.strip("\r\n")}
        for code, what, of_kind in (("line_breaks", "line breaks", breaks), ("blanks", "blanks", kinds - breaks)):
            if of_kind:
                first = before[min(map(gaps.index, of_kind))]
                count = sum(map(gaps.count, of_kind))
                self._repairs.note(code, f"{what} between segments, at byte {first}", first, count)

    def _note_empty(self, batch: Batch, before: list[int], block: Block) -> None:
        for end, start in zip([block.base, *batch.ends], before, strict=False):
            if end != start:
                empty = block.text[end - block.base : start - block.base].count(self._delimiters.terminator)
                text = f"a segment terminator without a segment stands at byte {end}"
                self._repairs.note("empty_segments", text, end, empty)

    def _note_wrapped(self, batch: Batch, block: Block) -> None:
        breaks, base = self._breaks, block.base
        # nothing is missing from most segments but their terminator; the last one may have none
        shorter = [
            (start, end)
            for raw, start, end in zip(batch.raw, batch.starts, batch.ends, strict=True)
            if end - start - len(raw) != 1
        ]
        shorter += (
            [(batch.starts[-1], batch.ends[-1])] if (batch.starts[-1], batch.ends[-1]) not in shorter[-1:] else []
        )
        broken = [s for s, e in shorter if any(character in block.text[s - base : e - base] for character in breaks)]
        if broken:
            text = f"line breaks in the segment at byte {broken[0]}"
            self._repairs.note("wrapped_lines", text, broken[0], len(broken))

    def _note_trailing(self, batch: Batch) -> None:
        found = [i for i, raw in enumerate(batch.raw) if raw.endswith(self._ends) or self._between in raw]
        if not found:
            return
        each = self._repairs.rejects_each("trailing_separators")
        for i in found if each else found[:1]:
            tag = batch.raw[i].split(self._delimiters.element, 1)[0][:3]
            text = f"separators at the end of an element or of the segment ({tag}) at byte {batch.starts[i]}"
            self._repairs.note("trailing_separators", text, batch.starts[i], 1 if each else len(found))
