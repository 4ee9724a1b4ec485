"""Rows of a file (登记行) as names of the register: every cell checked, what follows from a name derived, bad rows
told apart with a sentence for each cell.

Columns are taken whole, and cells that repeat (category, unit, standing, date) are judged once a value.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.names import register_cells as cells
from geo.names.categories import Category, guess
from geo.names.parts import split
from geo.names.readings import Settled
from geo.names.register import FACTS_OF_THE_TABLE, FURTHER, OTHER_NAMES, category_of_gb, columns
from geo.names.register_cells import Known
from geo.names.romanize import romanize, without_tones
from geo.reading.rows import BadCell, RowProblem, date_of
from geo.terms import NameStatus
from geo.text import Text

V = TypeVar("V")

#: A name of ordinary characters needs no closer look.
ORDINARY = r"^[\x{3400}-\x{9FFF}]{1,30}$"
#: Standings of the name that a place goes by; the others are further names beside it.
PRIMARY = frozenset({NameStatus.PROPOSED, NameStatus.APPROVED, NameStatus.STANDARD, NameStatus.VANISHED})
NEED_DOCUMENT = frozenset({NameStatus.APPROVED, NameStatus.STANDARD})

NO_DOCUMENT = Text(
    "标准地名须有批准文件：请用 --document 给出本批文件，或在“批准文号”列填写，或用 --status 改为其他状态",
    "a standard name needs its approval: give --document for the whole file, fill the column of documents, or set another --status",
)
GIVEN_TWICE = Text(
    "与第 {0} 行重复：同一{1}",
    "the same {1} as row {0}: one of the two rows has to go, or needs its own code",
)
CODE, NAME_AND_UNIT = Text("代码", "code"), Text("名称、类别和所在政区", "name, category and unit")
NO_UNIT = Text(
    "没有所在政区：请填写代码或名称，或用 --unit 给出",
    "no unit: fill in its code or name, or give --unit for the whole file",
)
UNITS_DIFFER = Text(
    "类别代码 {0} 与地名代码第 10—14 位 {1} 不一致",
    "the category code {0} is not what digits 10 to 14 of the place code say ({1})",
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What holds for a whole file: the document it rests on with its date, its source, and what rows leave out."""

    document: str | None = None
    on: date | None = None
    source: str | None = None
    status: NameStatus | None = None
    category: Category | None = None
    unit: str | None = None


@dataclass
class Checked:
    """Rows of one stretch that can go in, by column of the staging table; and what is wrong with the others."""

    rows: dict[str, list[Any]]
    problems: list[RowProblem]
    refused: int
    uncertain: int = 0
    spelled_otherwise: int = 0


#: Columns of the staging table in its order.
STAGED = (
    "row", "parent", "number", "code", "name", "specific", "generic", "romanization", "category", "gb_code", "status",
    "unit_code", *FACTS_OF_THE_TABLE, "approved_on", "announced_on", "valid_from", "source", "facts", "geometry",
    "geometry_source",
)  # fmt: skip


@dataclass
class Checker:
    """Checks the stretches of one file in their order; remembers which codes and names it has seen.

    settled: readings that persons settled (审定读音); names are spelled after them.
    """

    mapping: Mapping[str, str]
    batch: Batch
    known: Known
    settled: Settled | None = None
    _seen: dict[str, int] = field(default_factory=dict)

    def check(self, record: pa.RecordBatch) -> Checked:
        """One stretch. record: `row` (int), one string column a heading, and `wkb` (EPSG:4490 or null)."""
        count = record.num_rows
        numbers: list[int] = record.column("row").to_pylist()
        given = {ours: record.column(theirs) for ours, theirs in self.mapping.items()}
        texts = {
            ours: column.to_pylist() for ours, column in given.items() if column.null_count < len(column)
        }
        bad: dict[int, None] = {}
        problems: list[RowProblem] = []

        def wrong(i: int, ours: str, value: object, text: Text) -> None:
            bad[i] = None
            problems.append(
                RowProblem(numbers[i], self.mapping.get(ours, columns()[ours].title.zh), str(value), text)
            )

        def each(ours: str, judge: Callable[[str], V]) -> list[V | None]:
            """A column judged once a value."""
            if ours not in texts:
                return [None] * count
            coded = pc.dictionary_encode(given[ours])
            answers: list[V | None] = []
            for value in coded.dictionary.to_pylist():
                try:
                    answers.append(judge(value))
                except BadCell as error:
                    answers.append(None)
                    at = pc.indices_nonzero(pc.equal(given[ours], value)).to_pylist()
                    for i in at:
                        wrong(i, ours, value, error.text)
            return [None if k is None else answers[k] for k in coded.indices.to_pylist()]

        names: list[str] = record.column(self.mapping["name"]).fill_null("").to_pylist()
        plain = pc.match_substring_regex(record.column(self.mapping["name"]).fill_null(""), ORDINARY)
        for i in pc.indices_nonzero(pc.invert(plain)).to_pylist():
            try:
                names[i] = cells.name_of(names[i])
            except BadCell as error:
                wrong(i, "name", names[i], error.text)
        codes = each("code", lambda v: cells.code_of(v, self.known))
        register = each("number", cells.whole_number)
        gb = each("gb_code", cells.gb_code_of)
        category = each("category", cells.category_of)
        status = each("status", cells.status_of)
        usage = each("usage", cells.status_of)
        county = each("county", lambda v: cells.unit_of(v, None, self.known))
        if any(county):
            unit: list[str | None] = [None] * count
            for i, (word, within) in enumerate(zip(texts.get("unit", [None] * count), county, strict=True)):
                if word is None:
                    unit[i] = within
                    continue
                try:
                    unit[i] = cells.unit_of(word, within, self.known)
                except BadCell as error:
                    wrong(i, "unit", word, error.text)
        else:
            unit = each("unit", lambda v: cells.unit_of(v, None, self.known))
        dates = {k: each(k, date_of) for k in ("approved_on", "announced_on", "valid_from")}
        for ours in (*FACTS_OF_THE_TABLE, *FURTHER, "source"):
            if ours in texts:
                texts[ours] = each(ours, cells.text_of)
        others = {ours: each(ours, cells.names_of) for ours in OTHER_NAMES if ours in texts}
        shapes, sources, extents = self._shapes(record, texts, wrong)
        spelled = texts.get("romanization", [None] * count)
        out: dict[str, list[Any]] = {name: [] for name in STAGED}
        answer = Checked(out, problems, 0)
        documents = texts.get("document", [None] * count)
        wanted = [key for key in FURTHER if key in texts]
        default_unit = self.batch.unit
        standing = self.batch.status or NameStatus.STANDARD
        for i in range(count):
            if i in bad:
                continue
            name, code = names[i], codes[i]
            stands = status[i] or usage[i] or standing
            if stands in NEED_DOCUMENT and not documents[i] and not self.batch.document:
                wrong(i, "status", stands.value, NO_DOCUMENT)
                continue
            of_code = code[9:14] if code is not None and len(code) == 20 else None
            code_word = gb[i] or of_code
            if of_code and gb[i] and of_code != gb[i]:
                wrong(i, "gb_code", gb[i], UNITS_DIFFER.fill(gb[i], of_code))
                continue
            kind = self._category(category[i], code_word, name)
            where = unit[i] or self._unit_of_code(code) or default_unit
            if where is None:
                wrong(i, "unit", "", NO_UNIT)
                continue
            key = self._key(code, name, kind, where, stands)
            first = self._seen.setdefault(key, numbers[i])
            if first != numbers[i]:
                wrong(
                    i,
                    "code" if code else "name",
                    code or name,
                    GIVEN_TWICE.fill(first, CODE if code else NAME_AND_UNIT),
                )
                continue
            # The spelling has cut the name already; geo.names.parts would cut it alike once more.
            spelling = romanize(name, kind, self.settled, where)
            answer.uncertain += bool(spelling.uncertain)
            facts: dict[str, Any] = {}
            for k in wanted:
                if texts[k][i] is not None:
                    facts[k] = texts[k][i]
            if facts.get("secrecy") in cells.OPEN:
                del facts["secrecy"]
            if extents and extents[i]:
                facts["extent"] = extents[i]
            said = spelled[i]
            if said and not _same_spelling(said, spelling.romanization):
                answer.spelled_otherwise += 1
                facts["given_romanization"] = said
            out["row"].append(numbers[i])
            out["parent"].append(None)
            out["number"].append(register[i])
            out["code"].append(code)
            out["name"].append(name)
            out["specific"].append(spelling.specific[0])
            out["generic"].append(spelling.generic[0] if spelling.generic else "")
            out["romanization"].append(spelling.romanization)
            out["category"].append(kind.value)
            out["gb_code"].append(code_word)
            out["status"].append(stands.value)
            out["unit_code"].append(where)
            for ours in FACTS_OF_THE_TABLE:
                out[ours].append(texts[ours][i] if ours in texts else None)
            for ours, column in dates.items():
                out[ours].append(column[i])
            out["source"].append(texts["source"][i] if "source" in texts else None)
            out["facts"].append(json.dumps(facts, ensure_ascii=False) if facts else None)
            out["geometry"].append(shapes[i] if shapes else None)
            out["geometry_source"].append(sources[i] if shapes else None)
            for ours, column_ in others.items():
                for other in column_[i] or ():
                    if other != name:
                        self._beside(out, other, OTHER_NAMES[ours])
        answer.refused = len(bad)
        return answer

    def _category(self, given: tuple[Category, str | None] | None, code: str | None, name: str) -> Category:
        """The category of a row: its word, its code, the file's, else what the name's ending speaks for."""
        if given is not None:
            kind = given[0]
            if kind is Category.TOWNSHIP and name.endswith(("街道", "街道办事处")):
                return Category.SUBDISTRICT
            return kind
        of_code = category_of_gb(code, name) if code else None
        return of_code or self.batch.category or guess(name)

    def _unit_of_code(self, code: str | None) -> str | None:
        """The unit that a place code or a list's code lies in: its township, else its county."""
        if code is None or not code.isdigit() or len(code) < 6:
            return None
        return code[:6] if code[6:9] in ("", "000") or len(code) < 9 else code[:9]

    def _key(self, code: str | None, name: str, kind: Category, unit: str, status: NameStatus) -> str:
        beside = "" if status in PRIMARY else f"|{status.value}|{name}"
        return f"{code}{beside}" if code else f"|{name}|{kind.value}|{unit}{beside}"

    def _beside(self, out: dict[str, list[Any]], name: str, status: NameStatus) -> None:
        """A further name of the row before, which it follows in all but what is its own."""
        main = next(k for k in range(len(out["row"]) - 1, -1, -1) if out["parent"][k] is None)
        kind = Category(out["category"][main])
        parts = split(name, kind)
        own = {
            "row": out["row"][main], "parent": out["row"][main], "code": out["code"][main], "name": name, "specific": parts.specific, "generic": parts.generic,
            "romanization": romanize(name, kind, self.settled, out["unit_code"][main]).romanization, "category": kind.value, "gb_code": out["gb_code"][main], "status": status.value,
            "unit_code": out["unit_code"][main], "source": out["source"][main],
        }  # fmt: skip
        for key in STAGED:
            out[key].append(own.get(key))

    def _shapes(
        self,
        record: pa.RecordBatch,
        texts: Mapping[str, Sequence[Any]],
        wrong: Callable[[int, str, object, Text], None],
    ) -> tuple[list[bytes | None] | None, list[str | None], list[list[float] | None] | None]:
        """Geometry of every row as WKB in degrees: the layer's own, a text's, or a point from two columns."""
        count = record.num_rows
        answer: list[bytes | None] = [None] * count
        extents: list[list[float] | None] | None = None
        layer = record.column("wkb")
        if layer.null_count < count:
            raw = layer.to_pylist()
            boxes = shapely.bounds(shapely.from_wkb(np.array(raw, dtype=object), on_invalid="ignore"))
            for i, box in enumerate(boxes):
                if raw[i] is None or not np.isfinite(box).all():
                    continue
                try:
                    cells.in_china(*box)
                    answer[i] = raw[i]
                except BadCell as error:
                    wrong(i, "geometry", f"{box[0]:g},{box[1]:g}", error.text)
        elif "geometry" in texts:
            for i, cell in enumerate(texts["geometry"]):
                if cell is not None:
                    try:
                        answer[i] = cells.shape_of(cell)
                    except BadCell as error:
                        wrong(i, "geometry", cell[:60], error.text)
        if "lon" in texts or "lat" in texts:
            none = [None] * count
            four = [texts.get(k, none) for k in ("lon", "lat", "lon_to", "lat_to")]
            extents = [None] * count
            for i, (lon, lat, lon_to, lat_to) in enumerate(zip(*four, strict=True)):
                if (lon is None and lat is None) or answer[i] is not None:
                    continue
                try:
                    x, y, box = cells.position_of(lon, lat, lon_to, lat_to)
                except BadCell as error:
                    wrong(i, "lat" if lat is None else "lon", f"{lon or ''},{lat or ''}", error.text)
                    continue
                answer[i] = struct.pack("<BIdd", 1, 1, x, y)
                extents[i] = box
        if not any(answer):
            return None, [], None
        return answer, ["imported" if a else None for a in answer], extents


def _same_spelling(given: str, ours: str) -> bool:
    """Whether a spelling differs at most in blanks, case, apostrophes and missing tones."""
    a, b = (re.sub(r"[\s'’\-]", "", s).casefold() for s in (given, ours))
    return a == b or without_tones(a) == a == without_tones(b)
