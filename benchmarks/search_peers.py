"""What the search (地名检索) is measured beside: SQLite FTS5 and tantivy, both in this process, on the same forms.

Two jobs each. First: the first 20 that match, in the order of rank, whatever way they match. Ranked: the answer that
the search gives, the same name before what begins with the question before what holds it, each by rank.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Ask = Callable[[str], Any]


class Lite:
    """SQLite FTS5: `trigram` for what is inside, `unicode61` for whole names and prefixes; rowids in the order of
    rank."""

    def __init__(self, table: Sequence[tuple[int, str, str]], path: Path) -> None:
        """An empty table: what the path holds from before."""
        self.path = path
        if table:
            path.unlink(missing_ok=True)
        self.db = sqlite3.connect(path)
        if not table:
            return
        self.db.execute("create virtual table inside using fts5(form, plain, tokenize='trigram')")
        self.db.execute(
            "create virtual table whole using fts5(form, plain, prefix='2 6', tokenize='unicode61')"
        )
        for name in ("inside", "whole"):
            self.db.executemany(f"insert into {name} (rowid, form, plain) values (?, ?, ?)", table)
            self.db.execute(f"insert into {name} ({name}) values ('optimize')")
        self.db.commit()

    def size(self) -> int:
        return self.path.stat().st_size

    def ask(self, table: str, column: str, after: str = "", *, ranked: bool = False) -> Ask:
        order = f"{column} = ?2 desc, substr({column}, 1, length(?2)) = ?2 desc, rowid" if ranked else "rowid"
        sentence = f"select rowid, form, plain from {table} where {table} match ?1 order by {order} limit 20"

        def one(q: str) -> Any:
            given = (f'{column} : "{q}"{after}', *((q,) if ranked else ()))
            return self.db.execute(sentence, given).fetchall()

        return one

    def kinds(self, *, ranked: bool) -> dict[str, Ask]:
        inside = self.ask("inside", "form", ranked=ranked)
        return {
            "exact": inside if ranked else self.ask("whole", "form"),
            "prefix": self.ask("whole", "form", "*", ranked=ranked),
            "substring of 3": inside,
            "substring of 4": inside,
            "pinyin prefix": self.ask("whole", "plain", "*", ranked=ranked),
            "pinyin inside": self.ask("inside", "plain", ranked=ranked),
        }


class Tantivy:
    """tantivy: grams of one to three characters of names and of three letters of pinyin, the whole name as one term;
    a fast field of the rank to order by, which it does for whatever matches."""

    def __init__(self, table: Sequence[tuple[int, str, str]], path: Path) -> None:
        """An empty table: what the path holds from before."""
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

    def _fill(self, table: Sequence[tuple[int, str, str]]) -> None:
        writer = self.index.writer(heap_size=500_000_000, num_threads=2)
        for rank, form, plain in table:
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
