"""What the search (地名检索) is measured beside: SQLite FTS5 and tantivy, both in this process, on the same forms.

FTS5 answers with the fields that a hit of ours has. Three jobs. Ranked: one statement, the same name (with or without
its generic part) before what begins with the question before what holds it, each by rank. In steps: the same answer
the quickest way that we know, a statement for each of the three in the order of rank, until the page is full. First:
the first 20 that match, in the order of rank, whatever way they match. None of them looks for initials, slips, the
same sound, a unit named in the question or the names of units, as ours does where the page is not full.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Ask = Callable[[str], Any]

#: What stands beside the texts that are looked at: the fields of a hit.
FIELDS = (
    "number place_id name kind romanization status category unit_code valid_from valid_to lon lat demo spelled"
).split()
#: What is looked at.
TEXTS = ("form", "bare", "plain", "bare_plain")


class Lite:
    """SQLite FTS5: `trigram` for what is inside, `unicode61` for whole names and prefixes; rowids in the order of
    rank, the fields in a table by rowid."""

    def __init__(self, table: Sequence[Any], path: Path) -> None:
        """table: rows of TEXTS and FIELDS in the order of rank; an empty one: what the path holds from before."""
        self.path = path
        if table:
            path.unlink(missing_ok=True)
        self.db = sqlite3.connect(path)
        self.db.execute("pragma mmap_size = 2147483648")
        self.db.execute("pragma cache_size = -400000")
        if not table:
            return
        self.db.execute(f"create table shown (id integer primary key, {', '.join(FIELDS)})")
        self.db.executemany(
            f"insert into shown values (?, {', '.join('?' * len(FIELDS))})",
            ((i, *row[len(TEXTS) :]) for i, row in enumerate(table, start=1)),
        )
        self.db.execute(
            "create virtual table inside using fts5(form, plain, bare unindexed, bare_plain unindexed,"
            " tokenize='trigram')"
        )
        self.db.execute(
            "create virtual table whole using fts5(form, bare, plain, bare_plain, prefix='2 6', tokenize='unicode61')"
        )
        for name in ("inside", "whole"):
            self.db.executemany(
                f"insert into {name} (rowid, {', '.join(TEXTS)}) values (?, ?, ?, ?, ?)",
                ((i, *row[: len(TEXTS)]) for i, row in enumerate(table, start=1)),
            )
            self.db.execute(f"insert into {name} ({name}) values ('optimize')")
        self.db.commit()

    def size(self) -> int:
        return self.path.stat().st_size

    def first(self, table: str, column: str, after: str = "") -> Ask:
        sentence = self._sentence(table, "", "t.rowid")
        return lambda q: self.db.execute(sentence, (f'{column} : "{q}"{after}', 20)).fetchall()

    def ranked(self, table: str, column: str, bare: str, after: str = "") -> Ask:
        order = (
            f"(t.{column} = ?3 or t.{bare} = ?3) desc, substr(t.{column}, 1, length(?3)) = ?3 desc, t.rowid"
        )
        sentence = self._sentence(table, "", order)
        return lambda q: self.db.execute(sentence, (f'{column} : "{q}"{after}', 20, q)).fetchall()

    def in_steps(self, column: str, bare: str) -> Ask:
        same = self._sentence("whole", f"and (t.{column} = ?3 or t.{bare} = ?3)", "t.rowid")
        begins = self._sentence(
            "whole",
            f"and substr(t.{column}, 1, length(?3)) = ?3 and t.{column} <> ?3 and t.{bare} <> ?3",
            "t.rowid",
        )
        holds = self._sentence("inside", f"and instr(t.{column}, ?3) > 1", "t.rowid")

        def one(q: str) -> Any:
            found = self.db.execute(same, (f'{{{column} {bare}}} : "{q}"', 20, q)).fetchall()
            if len(found) < 20:
                found += self.db.execute(begins, (f'{column} : "{q}" *', 20 - len(found), q))
            if len(found) < 20 and len(q) > 2:
                found += self.db.execute(holds, (f'{column} : "{q}"', 20 - len(found), q))
            return found

        return one

    @staticmethod
    def _sentence(table: str, condition: str, order: str) -> str:
        """The rows are picked first, so that only they are looked up."""
        return (
            f"select s.* from (select t.rowid as id, row_number() over () as place from ("
            f"select t.rowid from {table} t where {table} match ?1 {condition} order by {order} limit ?2) t) p"
            " join shown s on s.id = p.id order by p.place"
        )

    def kinds(self, job: str) -> dict[str, Ask]:
        if job == "in steps":
            written, spelled = self.in_steps("form", "bare"), self.in_steps("plain", "bare_plain")
            kinds = ("exact", "prefix", "substring of 3", "substring of 4")
            return {
                **dict.fromkeys(kinds, written),
                **dict.fromkeys(("pinyin prefix", "pinyin inside"), spelled),
            }
        if job == "first":
            inside = self.first("inside", "form")
            return {
                "exact": self.first("whole", "form"), "prefix": self.first("whole", "form", "*"),
                "substring of 3": inside, "substring of 4": inside,
                "pinyin prefix": self.first("whole", "plain", "*"), "pinyin inside": self.first("inside", "plain"),
            }  # fmt: skip
        inside = self.ranked("inside", "form", "bare")
        return {
            "exact": inside, "prefix": self.ranked("whole", "form", "bare", "*"),
            "substring of 3": inside, "substring of 4": inside,
            "pinyin prefix": self.ranked("whole", "plain", "bare_plain", "*"),
            "pinyin inside": self.ranked("inside", "plain", "bare_plain"),
        }  # fmt: skip


class Tantivy:
    """tantivy: grams of one to three characters of names and of three letters of pinyin, the whole name as one term;
    a fast field of the rank to order by, which it does for whatever matches."""

    def __init__(self, table: Sequence[Any], path: Path) -> None:
        """As Lite's."""
        import tantivy

        self.t = tantivy
        self.path = path
        if table:
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("rank", stored=True, indexed=True, fast=True)
        builder.add_text_field("whole", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("form", tokenizer_name="grams", index_option="position")
        builder.add_text_field("plain", tokenizer_name="letters", index_option="position")
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=str(path))
        analyzer = tantivy.TextAnalyzerBuilder
        self.index.register_tokenizer("grams", analyzer(tantivy.Tokenizer.ngram(1, 3, False)).build())
        self.index.register_tokenizer("letters", analyzer(tantivy.Tokenizer.ngram(3, 3, False)).build())
        if table:
            self._fill(table)
        self.index.reload()
        self.searcher = self.index.searcher()

    def _fill(self, table: Sequence[Any]) -> None:
        writer = self.index.writer(heap_size=500_000_000, num_threads=2)
        for rank, (form, _, plain, *_) in enumerate(table, start=1):
            document = self.t.Document(whole=form, form=form, plain=plain)
            document.add_unsigned("rank", rank)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def size(self) -> int:
        return sum(f.stat().st_size for f in self.path.iterdir())

    def _top(self, query: Any) -> Any:
        found = self.searcher.search(query, 20, order_by_field="rank", order=self.t.Order.Asc, count=False)
        return [self.searcher.doc(address) for _, address in found.hits]

    def whole(self, q: str) -> Any:
        return self._top(self.t.Query.term_query(self.schema, "whole", q))

    def begins(self, q: str) -> Any:
        return self._top(self.t.Query.regex_query(self.schema, "whole", q + ".*"))

    def holds(self, q: str) -> Any:
        """All grams of the question: of one to three characters one term, of more those that overlap."""
        return self._all("form", [q] if len(q) <= 3 else [q[i : i + 3] for i in range(len(q) - 2)])

    def sounds(self, q: str) -> Any:
        return self._all("plain", [q[i : i + 3] for i in range(len(q) - 2)])

    def _all(self, field: str, grams: list[str]) -> Any:
        terms = [self.t.Query.term_query(self.schema, field, g) for g in grams]
        must = [(self.t.Occur.Must, term) for term in terms]
        return self._top(terms[0] if len(terms) == 1 else self.t.Query.boolean_query(must))

    def kinds(self) -> dict[str, Ask]:
        return {
            "exact": self.whole,
            "prefix": self.begins,
            **{f"substring of {n}": self.holds for n in (1, 2, 3, 4)},
            "very common characters": self.holds,
            "pinyin inside": self.sounds,
        }
