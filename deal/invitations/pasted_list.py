"""A list of people as it is pasted from a spreadsheet or typed: which cell is a name, and which a label."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from deal.names import name_key, one_line

# what people write over such columns, in English and in Welsh: for each kind its own words, and what may stand beside
_PERSON = {"name", "names", "resident", "residents", "tenant", "tenants"} | {"enw", "enwr", "preswylydd", "tenantiaid"}
_WHOSE = _PERSON | {"of", "the", "y", "yr"}
_PLACE = {"label", "flat", "address", "property", "block", "scheme", "house"}
_PLACE |= {"fflat", "cyfeiriad", "eiddo", "bloc", "cynllun", "ty"}
_KINDS = {
    "first": ({"first", "forename", "forenames", "given", "cyntaf"}, _WHOSE),
    "last": ({"surname", "last", "family", "cyfenw"}, _WHOSE),
    "label": (_PLACE, _WHOSE | {"line", "no", "number", "llinell", "rhif"}),
    "name": (_PERSON | {"known", "preferred"}, _WHOSE | {"full", "as", "llawn"}),
}
_OF_A_NAME = {"first", "last", "name"}
MOST_LABEL = 40
# "Nia, Oak Court" is a name and a label; "Jones, Ann" may be a surname and a first name
HOUSE = re.compile(
    r"\b(avenue|block|close|court|crescent|drive|flat|floor|gardens|green|grove|hall|heol|hill|house|lane|llys|lodge|lon"
    r"|maes|mews|park|place|road|row|square|street|stryd|terrace|tower|ty|view|villas|way)\b"
)
MOST_LINES = 10  # that one cell in quotation marks takes


@dataclass(frozen=True)
class Line:
    """One person of the list, and the number of their line, as the coach counts."""

    number: int
    name: str
    label: str = ""
    surname_first: bool = False  # it may be that their surname stands first
    heading: bool = False  # it may be that this is nobody
    cut: bool = False  # the label is the beginning of what stood in several columns


@dataclass(frozen=True)
class Pasted:
    """What was read; a first line with headings is no person."""

    lines: Sequence[Line] = ()
    has_headings: bool = False


@dataclass(frozen=True)
class _Row:
    number: int
    cells: Sequence[str]
    sign: str  # what parts the cells, if there are several

    @property
    def kinds(self) -> list[str]:
        """Of each cell what it is a heading for, if it is one."""
        return [_heading(cell) for cell in self.cells]

    @property
    def has_headings(self) -> bool:
        return not _OF_A_NAME.isdisjoint(self.kinds)


def read(text: str, turned: bool = False) -> Pasted:
    """The people of a pasted list, in its order; `turned` where "Jones, Ann" is a surname and a first name."""
    rows = [row for row in map(_row, *zip(*_lines(text), strict=True)) if any(row.cells)]
    has_headings = bool(rows) and rows[0].has_headings
    # a line that is parted by another sign than the headings has no such columns: it was typed
    headed = {"", rows[0].sign} if has_headings else set()
    lines = [
        _by_headings(row, rows[0].kinds) if row.sign in headed else _by_place(row, turned)
        for row in rows[has_headings:]
    ]
    return Pasted([_turned(line) if turned else line for line in lines], has_headings)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number; together with the next ones where a quotation mark opens a cell and closes there."""
    lines, at = text.split("\n"), 0
    while at < len(lines):
        opens = re.search(r'(^|[\t;,])\s*"', lines[at])
        ends = (at + many for many in range(1, MOST_LINES + 1) if opens)
        end = next((end for end in ends if "\n".join(lines[at:end]).count('"') % 2 == 0), at + 1)
        yield at + 1, "\n".join(lines[at:end])
        at = end


def _row(number: int, line: str) -> _Row:
    """A line parted by tabs, or else by semicolons, or else by commas.

    Typed and pasted lines may stand in one list, and csv.Sniffer guesses wrong where a list is so short.
    """
    quoted, cells, sign = line.count('"') % 2 == 0, [line], ""
    style: dict[str, Any] = {"skipinitialspace": True} if quoted else {"quoting": csv.QUOTE_NONE}
    for sign in "\t;,":
        with suppress(csv.Error):
            cells = next(csv.reader([line], delimiter=sign, **style), [])
        if len(cells) > 1:
            break
    return _Row(number, [one_line(cell) or "" for cell in cells], sign if len(cells) > 1 else "")


def _heading(cell: str) -> str:
    """What a cell is a heading for, if all its words are such as stand over a column; numbers do not count."""
    words = set(re.sub(r"\d+", " ", name_key(cell)).split())
    return next((kind for kind, (own, beside) in _KINDS.items() if words & own and words <= own | beside), "")


def _by_headings(row: _Row, kinds: Sequence[str]) -> Line:
    of = {kind: [cell for cell, its in zip(row.cells, kinds, strict=False) if its == kind and cell] for kind in _KINDS}
    name, label = " ".join(of["name"][:1] or of["first"] + of["last"]), ", ".join(of["label"])
    cut = len(of["label"]) > 1 and len(label) > MOST_LABEL
    label = label[:MOST_LABEL].rstrip(" ,") if cut else label
    return Line(row.number, name, label, "," in name, _may_be_headings(row), cut)


def _by_place(row: _Row, turned: bool) -> Line:
    """The first cell is the name and the others the label; or the first two the name, surname first.

    A name in quotation marks with a comma in it is whole already.
    """
    name, *rest = row.cells
    rest = [cell for cell in rest if cell]
    parted = row.sign == "," and "," not in name and _is_a_name_turned(row)
    if parted and turned:
        name, rest = f"{name}, {rest[0]}", rest[1:]
    return Line(row.number, name, ", ".join(rest), parted or "," in name, _may_be_headings(row))


def _may_be_headings(row: _Row) -> bool:
    return row.has_headings or all(kind for kind, cell in zip(row.kinds, row.cells, strict=True) if cell)


def _is_a_name_turned(row: _Row) -> bool:
    """Whether "Jones, Ann" could be a surname and a first name: few words, no number, no house."""
    name, first = map(name_key, [row.cells[0], next(filter(None, row.cells[1:]), "")])
    few = len(name.split()) < 3 and len(first.split()) < 3
    return bool(name) and few and first.replace(" ", "").isalpha() and not HOUSE.search(first)


def _turned(line: Line) -> Line:
    last, _comma, first = line.name.partition(",")
    return replace(line, name=f"{first.strip()} {last.strip()}".strip())
