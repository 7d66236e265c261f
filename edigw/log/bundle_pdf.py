"""The page of a bundle (`bundle_html`) laid out as a PDF, for those who print or file paper.

The words are those of the page: it is read here as a browser reads it, in the few elements that it is made of. The
bytes depend on the page and the date alone.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from fpdf import FPDF

Run: TypeAlias = tuple[str, str]  # how (text, bold, code), what

MOST_EVENTS = 1000  # that are told: some two hundred pages
_LINE = 1.35  # height of a line, in sizes of its font
_POINT = 25.4 / 72  # millimetres
_SIDE, _TOP, _BOTTOM = 18.0, 18.0, 20.0  # margins, in millimetres
_RULE, _WORDS = 40.0, 44.0  # where the rule of the time line is, right of the margin, and the words beside it
_ROOM = 24.0  # millimetres that the beginning of an event must find on a page
_BLACK, _GREY, _PALE = (26, 31, 36), (74, 84, 94), (201, 209, 217)
_MOODS = {"good": (27, 127, 75), "bad": (179, 38, 30), "plain": (47, 111, 159)}
_WARNING = (181, 123, 0)
_LACKING = (
    "The font of this document lacks some characters of names in it. They stand here by their number in Unicode, as "
    "[U+4E2D]; report.html shows them."
)


def pdf(page: str, created: datetime) -> bytes:
    """A page of `bundle_html.page` as PDF.

    Tells no more events than MOST_EVENTS, and says so. A character that its font lacks stands by its number in Unicode;
    a remark says that, too."""
    read = _Page(page)
    sheet = _Sheet(read.title, created)
    for block in _bounded(read.blocks):
        sheet.put(block)
        if block.kind == "p" and block.mood == "lead" and any(map(sheet.lacks, page)):
            sheet.put(Block("p", parts=[[("text", _LACKING)]]))
    return sheet.bytes()


@dataclass(slots=True)
class Block:
    """A part of the page: h1, h2, p, pre, li, tr, or event, a point of the time line."""

    kind: str
    mood: str = ""  # the class of the element
    boxed: bool = False  # whether it is in the box of what is not proved
    parts: list[list[Run]] = field(default_factory=list)  # cells of tr; time, title and facts of event; else just one


class _Page(HTMLParser):
    """Reads the page into blocks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.title = ""
        self.blocks: list[Block] = []
        self._open: list[str] = []
        self._boxed = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        mood = dict(attrs).get("class") or ""
        if tag == "br":
            self._say("\n")
            return
        self._open.append(tag)
        self._boxed = self._boxed or (tag == "div" and mood == "not")
        if tag == "li" and mood in _MOODS:
            self.blocks.append(Block("event", mood))
        elif tag in ("h1", "h2", "p", "pre", "tr") or (tag == "li" and "ol" not in self._open):
            self.blocks.append(Block(tag, mood, self._boxed, [] if tag == "tr" else [[]]))
        elif tag in ("th", "td", "time", "strong", "li"):
            self.blocks[-1].parts.append([])

    def handle_endtag(self, tag: str) -> None:
        while self._open.pop() != tag:
            pass
        self._boxed = self._boxed and "div" in self._open

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title = data
        elif "body" in self._open:
            self._say(data if "pre" in self._open else data.replace("\n", " "))

    def _say(self, text: str) -> None:
        if self.blocks and self.blocks[-1].parts:
            code = not {"code", "span", "pre"}.isdisjoint(self._open)
            bold = not {"strong", "th", "h1", "h2"}.isdisjoint(self._open)
            self.blocks[-1].parts[-1].append(("code" if code else "bold" if bold else "text", text))


def _bounded(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without the events that are too many."""
    events = [block for block in blocks if block.kind == "event"]
    if len(events) <= MOST_EVENTS:
        return list(blocks)
    left_out = {id(block) for block in events[MOST_EVENTS:]}
    said = f"{len(left_out)} more events are told in report.html."
    kept = [block for block in blocks if id(block) not in left_out]
    kept.insert(kept.index(events[MOST_EVENTS - 1]) + 1, Block("p", parts=[[("text", said)]]))
    return kept


class _Sheet:
    """The PDF as it grows, block by block."""

    def __init__(self, title: str, created: datetime) -> None:
        from fpdf import FPDF

        logging.getLogger("fontTools").setLevel(
            logging.ERROR
        )  # it tells of tables that a part of a font can do without

        class Document(FPDF):
            def footer(self) -> None:
                self.set_y(10 - _BOTTOM)
                self.set_font("sans", size=8)
                self.set_text_color(*_GREY)
                self.cell(0, 4, "For reading: this document proves nothing, the files beside it do.")
                self.set_x(_SIDE)
                self.cell(0, 4, f"{self.page_no()} / {{nb}}", align="R")

        self._pdf: FPDF = Document(format="A4")
        self._pdf.set_margins(_SIDE, _TOP, _SIDE)
        self._pdf.set_auto_page_break(True, _BOTTOM)
        folder = files("font_source_sans_pro") / "files"
        for style, name in (("", "Regular"), ("B", "Semibold")):
            self._pdf.add_font("sans", style, str(folder / f"SourceSansPro-{name}.ttf"))
        self._pdf.set_font("sans")
        self._glyphs = set(self._pdf.current_font.cmap)  # type: ignore[union-attr]
        self._pdf.set_title(self._shown(title))
        self._pdf.set_creation_date(created)
        self._pdf.add_page()
        self._row: list[Block] = []

    def lacks(self, character: str) -> bool:
        """Whether the font can't show it: it has no sign for it, or would set it in the wrong direction."""
        return character != "\n" and (
            ord(character) not in self._glyphs or unicodedata.bidirectional(character) in ("R", "AL", "AN")
        )

    def put(self, block: Block) -> None:
        """Adds a block."""
        if block.kind != "tr" and self._row:
            self._table()
        match block.kind:
            case "tr":
                self._row.append(block)
            case "event":
                self._event(block)
            case "h1":
                self._text(block.parts[0], 19, after=1.5)
            case "h2":
                self._heading(block)
            case "pre":
                self._text(block.parts[0], 8, after=3, left=4)
            case _:
                self._paragraph(block)

    def bytes(self) -> bytes:
        """The document."""
        if self._row:
            self._table()
        return bytes(self._pdf.output())

    def _shown(self, text: str) -> str:
        return "".join(f"[U+{ord(each):04X}]" if self.lacks(each) else each for each in text)

    def _text(
        self,
        runs: Sequence[Run],
        size: float,
        *,
        left: float = 0,
        colour: tuple[int, int, int] = _BLACK,
        after: float = 0,
    ) -> None:
        """Runs, one after the other, as a paragraph that begins `left` millimetres from the margin."""
        sheet, height = self._pdf, size * _LINE * _POINT
        sheet.set_left_margin(_SIDE + left)
        sheet.set_x(_SIDE + left)
        sheet.set_text_color(*colour)
        for how, text in _stripped(runs):
            if how == "code" and text.isascii():
                sheet.set_font("courier", size=size * 0.88)
            else:
                sheet.set_font("sans", "B" if how == "bold" else "", size)
            sheet.write(height, self._shown(text))
        sheet.set_left_margin(_SIDE)
        sheet.ln(height)
        sheet.set_y(sheet.get_y() + after)

    def _heading(self, block: Block) -> None:
        sheet = self._pdf
        if sheet.will_page_break(_ROOM):
            sheet.add_page()
        sheet.set_y(sheet.get_y() + 4)
        self._text(block.parts[0], 13)
        sheet.set_draw_color(*_PALE)
        sheet.line(_SIDE, sheet.get_y() + 0.5, sheet.w - _SIDE, sheet.get_y() + 0.5)
        sheet.set_y(sheet.get_y() + 2.5)

    def _paragraph(self, block: Block) -> None:
        """A paragraph, or an item with a point before it."""
        sheet, item = self._pdf, block.kind == "li"
        if sheet.will_page_break(10):
            sheet.add_page()
        first, top = sheet.page, sheet.get_y()
        if item:
            sheet.set_fill_color(*_GREY)
            sheet.circle(_SIDE + 2.6, top + 2.3, 0.5, style="F")
        lead = block.mood == "lead"
        self._text(block.parts[0], 9.5, left=5 if item else 0, colour=_GREY if lead else _BLACK, after=1.2)
        if block.boxed:
            self._rule(first, top, _SIDE, _WARNING, 0.9)

    def _event(self, block: Block) -> None:
        """A point of the time line: time, what happened, and its facts."""
        sheet = self._pdf
        if sheet.will_page_break(_ROOM):
            sheet.add_page()
        when, told, *facts = block.parts
        first, top = sheet.page, sheet.get_y()
        self._text(when, 9, colour=_GREY)
        sheet.set_y(top)
        self._text(told, 10, left=_WORDS)
        for fact in facts:
            self._text(fact, 8.8, left=_WORDS, colour=_GREY)
        sheet.set_y(sheet.get_y() + 2.5)
        self._rule(first, top, _SIDE + _RULE, _PALE, 0.5)
        last = sheet.page
        sheet.page = first
        sheet.set_fill_color(*_MOODS[block.mood])
        sheet.circle(_SIDE + _RULE, top + 2.4, 1.1, style="F")
        sheet.page = last

    def _rule(self, first: int, top: float, at: float, colour: tuple[int, int, int], width: float) -> None:
        """A vertical line beside what was written since `top` of the page `first`."""
        sheet = self._pdf
        last, end = sheet.page, sheet.get_y()
        sheet.set_draw_color(*colour)
        sheet.set_line_width(width)
        for page in range(first, last + 1):
            sheet.page = page
            sheet.line(at, top if page == first else _TOP, at, end if page == last else sheet.h - _BOTTOM)
        sheet.set_line_width(0.2)

    def _table(self) -> None:
        """The rows that were put, the first of them the head."""
        from fpdf.enums import TableBordersLayout
        from fpdf.fonts import FontFace

        sheet, rows = self._pdf, self._row
        self._row = []
        widths = (1, 3) if len(rows[0].parts) == 2 else (22, 16, 30, 32)
        sheet.set_font("sans", size=8.8)
        sheet.set_text_color(*_BLACK)
        sheet.set_draw_color(*_PALE)
        with sheet.table(
            col_widths=widths,
            text_align="LEFT",
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=_GREY),
            line_height=8.8 * _LINE * _POINT,
            padding=(0.8, 2, 0.8, 0),
            v_align="TOP",
        ) as table:
            for row in rows:
                cells = table.row()
                for runs in row.parts:
                    cells.cell(self._shown("".join(text for _, text in _stripped(runs))))
        sheet.set_y(sheet.get_y() + 2)


def _stripped(runs: Sequence[Run]) -> list[Run]:
    """The runs without white space at both ends."""
    kept = [*runs]
    while kept and not kept[-1][1].strip():
        kept.pop()
    while kept and not kept[0][1].strip():
        del kept[0]
    if kept:
        kept[-1] = (kept[-1][0], kept[-1][1].rstrip())
        kept[0] = (kept[0][0], kept[0][1].lstrip())
    return kept
