"""Text of a document (KML, GeoJSON) whose format says UTF-8, whatever it is in."""

from __future__ import annotations

import codecs

from geo.reading import encoding
from geo.reading.layers import EncodingDecision, ReadOptions
from geo.reading.notes import Notes
from geo.reading.package import Dataset
from geo.text import Text

UTF8 = EncodingDecision("UTF-8", "declared", Text("格式规定为 UTF-8", "UTF-8 by the format's definition"))


def text_of(
    dataset: Dataset, data: bytes, options: ReadOptions, notes: Notes, label: str | None
) -> tuple[str, EncodingDecision]:
    """The text of a document whose format says UTF-8, or which names its encoding itself."""
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark) and not options.encoding:
            try:
                return data.decode(codec), EncodingDecision(
                    codec.removesuffix("-sig").upper(),
                    "declared",
                    Text("文件带 BOM", "The file has a byte-order mark"),
                )
            except UnicodeDecodeError:
                break
    if not options.encoding and label is None:
        try:
            return data.decode("utf-8"), UTF8
        except UnicodeDecodeError:
            label = "UTF-8"
    pieces = [encoding.Raw(line) for line in data.splitlines() if not line.isascii()]
    codec, decided = encoding.decide(
        pieces, [(label or "UTF-8", dataset.kind.upper())], options.encoding, notes, dataset.name
    )
    text = data.decode(encoding.decoder_of(codec), errors="replace")
    if decided.source == "none":
        decided = UTF8 if decided.name == "ASCII" else decided
    return text, decided
