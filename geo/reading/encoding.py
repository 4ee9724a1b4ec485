"""Encoding (字符编码): one decision for all texts of a file, with its reason.

Order (docs/checks.md): given by a person; .cpg; language byte (LDID); strict UTF-8; GB18030; cp950;
GB18030 in traditional characters; cp1252. A declaration counts only where it decodes strictly and is not contradicted by the bytes.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from geo.boundaries.unit_names import simplified
from geo.checks.catalogue import CHECKS
from geo.reading.layers import EncodingDecision
from geo.reading.notes import Notes, listed
from geo.settings import DATA
from geo.terms import Severity
from geo.text import Text

SOURCE = "docs/checks.md"

EN01 = CHECKS.declare(
    code="EN01",
    severity=Severity.WARNING,
    message=Text("{0}：未声明字符编码，按 {1} 读取", "{0}: no text encoding is declared; read as {1}"),
    remedy=Text(
        "核对名称是否正确；不对时在此处另选编码，或导出时附 .cpg 文件",
        "Check the names; choose another encoding here if they are wrong, or export with a .cpg file",
    ),
    source=SOURCE,
)
EN02 = CHECKS.declare(
    code="EN02",
    severity=Severity.WARNING,
    message=Text(
        "{0}：声明的编码“{1}”不可用，按 {2} 读取",
        "{0}: the declared encoding “{1}” does not serve; read as {2}",
    ),
    remedy=Text(
        "改正 .cpg 的内容（如 UTF-8 或 GBK）后重新压缩",
        "Correct the .cpg (such as UTF-8 or GBK) and zip again",
    ),
    source=SOURCE,
)
EN03 = CHECKS.declare(
    code="EN03",
    severity=Severity.ERROR,
    message=Text("{0}：文字用任何编码都解不开：{1}", "{0}: no encoding decodes the text: {1}"),
    remedy=Text(
        "请选择编码，或用 UTF-8 重新导出属性表",
        "Choose the encoding, or export the attribute table again in UTF-8",
    ),
    source=SOURCE,
)
EN04 = CHECKS.declare(
    code="EN04",
    severity=Severity.WARNING,
    message=Text(
        "{0}：{count:.0f} 处文字此前已损坏：{1}", "{0}: text destroyed before in {count:.0f} places: {1}"
    ),
    remedy=Text(
        "软件无法恢复；请从原始数据重新导出这些文字",
        "It cannot be recovered; export these texts again from the original",
    ),
    source=SOURCE,
)
EN05 = CHECKS.declare(
    code="EN05",
    severity=Severity.WARNING,
    message=Text("{0}：字段名重复、为空或被截断：{1}", "{0}: field names repeated, empty or cut off: {1}"),
    remedy=Text(
        "Shapefile 字段名不超过 10 字节（5 个汉字）；改短后重新导出，或改用 GeoPackage",
        "Shapefile field names hold 10 bytes (5 hanzi): shorten and export again, or use a GeoPackage",
    ),
    source=SOURCE,
)
EN06 = CHECKS.declare(
    code="EN06",
    severity=Severity.WARNING,
    message=Text("{0}：含生僻字或自造字，已保留：{1}", "{0}: rare or private-use characters, kept: {1}"),
    remedy=Text("请核对这些字是否正确", "Check that these characters are right"),
    source="docs/checks.md；GB 2312；通用规范汉字表（2013）；Big5",
)

#: Language driver bytes of a .dbf.
LDID = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x4D: "gbk", 0x4E: "cp949", 0x4F: "big5",
    0x50: "cp874", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865", 0x67: "cp861",
    0x6A: "cp737", 0x6B: "cp857", 0x78: "big5", 0x79: "cp949", 0x7A: "gbk", 0x7B: "cp932", 0x7C: "cp874",
    0x7D: "cp1255", 0x7E: "cp1256", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
_LABELS = {
    "65001": "utf-8", "utf8": "utf-8", "utf-8": "utf-8", "936": "gbk", "54936": "gb18030", "gb2312": "gbk",
    "euc-cn": "gbk", "950": "big5", "big5": "big5", "big-5": "big5", "932": "cp932", "949": "cp949",
    "sjis": "cp932", "shift-jis": "cp932", "88591": "iso-8859-1", "iso88591": "iso-8859-1", "ansi": "",
    "oem": "", "28591": "iso-8859-1", "20127": "ascii", "1200": "utf-16",
}  # fmt: skip
#: What decodes under each name: GBK files hold GB18030's characters, Big5 files Microsoft's.
_DECODERS = {"gbk": "gb18030", "gb2312": "gb18030", "hz": "gb18030", "big5": "cp950", "cp936": "gb18030"}
_NAMES = {
    "utf-8": "UTF-8", "gbk": "GBK", "gb18030": "GB18030", "big5": "Big5", "cp950": "Big5", "ascii": "ASCII",
    "iso-8859-1": "ISO-8859-1", "iso8859-1": "ISO-8859-1", "cp1252": "Windows-1252", "gb2312": "GBK",
}  # fmt: skip

_HANZI = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_STRANGE = re.compile("[\ue000-\uf8ff\u3040-\u30ff\u0391-\u03c9\u0401-\u0451\u3105-\u3129]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_DESTROYED = re.compile("\ufffd|(?<=[\u4e00-\u9fff])\\?+(?=[\u4e00-\u9fff])|^\\?{2,}$|锟斤拷|烫烫烫|ï¿½")


#: A name of a .dbf that was given a number because its first ten bytes were another's too.
_COUNTED = re.compile(rb"([\x00-\xff]{8})(_\d|\d\d)")


@cache
def _common(codec: str) -> frozenset[str]:
    """The everyday characters of a code: GB 2312 level 1, or Big5 level 1."""
    leads = range(0xB0, 0xD8) if codec == "gb18030" else range(0xA4, 0xC7)
    trails = range(0xA1, 0xFF) if codec == "gb18030" else [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    base = "gb2312" if codec == "gb18030" else "big5"
    return frozenset("".join(bytes((a, b)).decode(base, "ignore") for a in leads for b in trails))


def codec_of(label: str) -> str | None:
    """The Python codec that a label names; "" where it names none in particular; None for nonsense."""
    bare = label.removeprefix("ï»¿").strip("\ufeff \t\r\n\x00\"'").lower().replace("_", "-")
    if len(bare) > 40 or not bare.isascii():
        return None
    bare = re.sub(r"^(ansi|oem|cp|windows|ibm|ms|x)[ -]?(?=\d)", "", bare)
    bare = bare.removeprefix("ldid/")
    if bare in _LABELS:
        return _LABELS[bare]
    if label.strip().lower().startswith("ldid/") and bare.isdigit():
        return LDID.get(int(bare), "")
    bare = re.sub(r"^iso[ -]?8859[ -]?(\d+)$", r"iso8859-\1", bare)
    for name in (bare, f"cp{bare}"):
        try:
            info = codecs.lookup(name)
        except (LookupError, ValueError, TypeError):
            continue
        return info.name if info._is_text_encoding else None
    return None


def shown(codec: str) -> str:
    """How an encoding is called to people."""
    return _NAMES.get(codec, codec)


@dataclass(frozen=True)
class Raw:
    """Bytes to decode; `full`: they fill their field, so that a last character may be cut in two."""

    value: bytes
    full: bool = False


def decode(raw: bytes, codec: str, *, full: bool = False) -> tuple[str, bool]:
    """The text, and whether its last character was cut in two and left off. Raises UnicodeDecodeError."""
    decoder = _DECODERS.get(codec, codec)
    try:
        return raw.decode(decoder), False
    except UnicodeDecodeError as error:
        if not full:
            raise
        if error.start >= len(raw) - 3:
            return raw[: error.start].decode(decoder), True
        # GDAL keeps apart names that are the same once cut: eight bytes and a number, wherever that cuts.
        counted = _COUNTED.fullmatch(raw)
        if counted is None or error.start < len(counted[1]) - 3:
            raise
        return counted[1][: error.start].decode(decoder) + counted[2].decode("ascii"), True


def decoder_of(codec: str) -> str:
    """The Python codec that decodes what is declared under this name."""
    return _DECODERS.get(codec, codec)


def fits(codec: str, raws: Sequence[Raw]) -> bool:
    """Whether all bytes decode strictly."""
    try:
        for raw in raws:
            decode(raw.value, codec, full=raw.full)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _joined(raws: Sequence[Raw], codec: str) -> str:
    return "\n".join(decode(raw.value, codec, full=raw.full)[0] for raw in raws)


def common_share(codec: str, raws: Sequence[Raw]) -> tuple[float, int]:
    """Share of everyday characters among the hanzi of the text, and how many hanzi there are."""
    text = _joined(raws, codec)
    hanzi = _HANZI.findall(text)
    reference = _common("big5" if codec in ("big5", "cp950") else "gb18030")
    if codec not in ("big5", "cp950", "utf-8"):
        # Everyday characters of Big5 come out of GB 18030 as kana, Greek and private use, as no Chinese name has.
        hanzi += _STRANGE.findall(text)
    if codec == "utf-8":
        reference = _common("gb18030") | _common("big5")
    return (sum(c in reference for c in hanzi) / len(hanzi) if hanzi else 0.0), len(hanzi)


def traditional_share(raws: Sequence[Raw]) -> float:
    """Share of everyday characters of a text in GB 18030, traditional ones (繁体) counted as their simplified
    ones; 0 where too little speaks for it. Of accented letters read as GB 18030 one pair in seven is such a one,
    and none is everyday as it stands, as 度 of 經度 is."""
    text = _joined(raws, "gb18030")
    hanzi = _HANZI.findall(text)
    common = _common("gb18030")
    if len(set(hanzi)) < (4 if common.isdisjoint(hanzi) else 3):
        return 0.0
    everyday = sum(c in common for c in simplified("".join(hanzi)))
    return everyday / (len(hanzi) + len(_STRANGE.findall(text)))


def detect(raws: Sequence[Raw]) -> str | None:
    """The codec that the bytes show, None where none decodes them all."""
    if fits("utf-8", raws):
        return "utf-8"
    for codec in ("gb18030", "big5"):
        if fits(codec, raws) and common_share(codec, raws)[0] >= 0.8:
            return codec
    if fits("gb18030", raws) and traditional_share(raws) >= 0.8:
        return "gb18030"
    return "cp1252" if fits("cp1252", raws) else None


def contradicted(codec: str, raws: Sequence[Raw]) -> str | None:
    """The codec that the bytes prove where they speak against a declared one that decodes them, or None.

    Latin-1 and GBK decode almost anything: a .cpg written by a program's default is the usual mistake.
    """
    if codec == "utf-8":
        return None
    # Only what is dense enough to be no accident: a character or two prove nothing.
    if fits("utf-8", raws):
        text = _joined(raws, "utf-8")
        wide = sum(ord(c) > 0x7F for c in text)
        if wide >= 2 and (codec not in ("gbk", "gb18030", "big5") or common_share(codec, raws)[0] < 0.8):
            return "utf-8"
    rivals = [c for c in ("gb18030", "big5") if _DECODERS.get(codec, codec) != _DECODERS.get(c, c)]
    own = common_share(codec, raws)[0] if codec in ("gbk", "gb18030", "big5") else 0.0
    if own >= 0.6 or codec.startswith(("cp932", "cp949", "euc", "shift", "iso2022")):
        return None
    for rival in rivals:
        if fits(rival, raws):
            share, count = common_share(rival, raws)
            if share >= 0.8 and count >= 4:
                return rival
            if rival == "gb18030" and traditional_share(raws) >= 0.8:
                return rival
    return None


def decide(
    raws: Iterable[Raw],
    declared: Sequence[tuple[str, str]],
    given: str | None,
    notes: Notes,
    layer: str,
) -> tuple[str, EncodingDecision]:
    """The codec of all texts of a file, and the decision as shown.

    declared: (label, where it stands) in order of weight; a label that names no codec is still one.
    Findings EN01 to EN03 are noted.
    """
    everything = list(raws)
    wide = [raw for raw in everything if not raw.value.isascii()]
    if given:
        return _given(given, wide, notes, layer)
    wrong: list[str] = []
    for label, where in declared:
        codec = codec_of(label)
        if codec == "":
            continue
        bare = label.removeprefix("ï»¿").strip("\ufeff \t\r\n\x00")[:24]
        if codec is None or not fits(codec, wide):
            wrong.append(f"{where} {bare}")
            continue
        if contradicted(codec, wide) is not None:
            wrong.append(f"{where} {bare}")
            continue
        if wrong:
            notes.say(EN02, layer, wrong[0], shown(codec), layer=layer)
        return codec, EncodingDecision(
            shown(codec),
            "declared",
            Text(f"{where} 声明为 {shown(codec)}", f"{where} declares {shown(codec)}"),
        )
    if not wide:
        if wrong:
            notes.say(EN02, layer, wrong[0], "ASCII", layer=layer)
        return "utf-8", EncodingDecision(
            "ASCII", "none", Text("只有 ASCII 字符，无须判断", "Only ASCII: nothing to decide")
        )
    found = detect(wide)
    if found is None:
        notes.say(EN03, layer, listed(repr(raw.value[:20]) for raw in wide[:3]), layer=layer)
        return "latin-1", EncodingDecision(
            "ISO-8859-1", "none", Text("没有编码能解开全部文字", "No encoding decodes all of the text")
        )
    if wrong:
        notes.say(EN02, layer, wrong[0], shown(found), layer=layer)
    else:
        notes.say(EN01, layer, shown(found), layer=layer)
    return found, EncodingDecision(shown(found), "guessed", _why(found, wide))


def _given(given: str, wide: Sequence[Raw], notes: Notes, layer: str) -> tuple[str, EncodingDecision]:
    codec = codec_of(given) or "utf-8"
    if not fits(codec, wide):
        bad = next(raw.value for raw in wide if not fits(codec, [raw]))
        notes.say(EN03, layer, f"{shown(codec)} ≠ {bad[:20]!r}", layer=layer)
        codec = "latin-1" if codec_of(given) is None else codec
    return codec, EncodingDecision(
        shown(codec), "given", Text(f"由用户指定为 {shown(codec)}", f"{shown(codec)} was given by a person")
    )


def _why(codec: str, wide: Sequence[Raw]) -> Text:
    if codec == "utf-8":
        return Text("未声明；全部文字是严格的 UTF-8", "Not declared; all text is strict UTF-8")
    if codec == "cp1252":
        return Text(
            "未声明；不是 UTF-8 也不像中文编码", "Not declared; neither UTF-8 nor like a Chinese encoding"
        )
    share, count = common_share(codec, wide)
    if codec == "gb18030" and share < 0.8:
        share = traditional_share(wide)
        return Text(
            f"未声明；按 {shown(codec)} 解出 {count} 个汉字，繁体按简体计，{share:.0%} 为常用字",
            f"Not declared; {shown(codec)} gives {count} hanzi, {share:.0%} of them everyday characters,"
            " traditional ones counted as simplified",
        )
    return Text(
        f"未声明；按 {shown(codec)} 解出 {count} 个汉字，{share:.0%} 为常用字",
        f"Not declared; {shown(codec)} gives {count} hanzi, {share:.0%} of them everyday characters",
    )


def judge_texts(texts: Iterable[str], cut: int, notes: Notes, layer: str) -> None:
    """Findings on decoded text: what was destroyed before (EN04), and what is rare (EN06).

    cut: values whose last character was cut in two.
    """
    whole = list(texts)
    destroyed = [t for t in whole if _DESTROYED.search(t)]
    if destroyed or cut:
        examples = listed(destroyed) or "…"
        notes.say(EN04, layer, examples, layer=layer, count=len(destroyed) + cut)
    joined = "".join(whole)
    private = dict.fromkeys(_PRIVATE.findall(joined))
    hanzi = dict.fromkeys(_HANZI.findall(joined))
    outside = [c for c in hanzi if not _everyday(c)]
    if private or outside:
        names = [f"{c} (U+{ord(c):04X})" for c in [*private, *outside]]
        notes.say(EN06, layer, listed(names), layer=layer, count=len(names))


def _everyday(character: str) -> bool:
    """Whether a hanzi is in GB 2312, in level 1 or 2 of 《通用规范汉字表》, or, as traditional characters are,
    in level 1 of Big5. Level 3 of the table is what only names of people and places use: 礌, 塝."""
    return _in(character, "gb2312") or character in _standard() or character in _common("big5")


@cache
def _standard() -> frozenset[str]:
    with (DATA / "placenames" / "tongyong_8105.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["char"] for row in csv.DictReader(file) if row["level"] in ("1", "2"))


def _in(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def decode_names(names: Sequence[bytes], codec: str, notes: Notes, layer: str) -> list[str]:
    """Field names through the same decoder, made unique; EN05 for those repeated, empty or cut in a hanzi."""
    result: list[str] = []
    bad: list[str] = []
    for number, raw in enumerate(names):
        try:
            name, split = decode(raw, codec, full=len(raw) >= 9)
        except UnicodeDecodeError:
            name, split = raw.decode("latin-1"), False
        name = name.strip()
        if split:
            bad.append(f"{name}…")
        if not name:
            name = f"field_{number + 1}"
            bad.append(f"({number + 1})")
        result.append(name)
    return unique(result, bad, notes, layer)


def unique(names: Sequence[str], bad: list[str], notes: Notes, layer: str) -> list[str]:
    """Names of columns without repetition: what repeats gets a number; EN05 names all in `bad`."""
    seen: set[str] = set()
    result: list[str] = []
    for name in names:
        fresh, number = name, 1
        while fresh.casefold() in seen or (fresh == "geometry"):
            number += 1
            fresh = f"{name}_{number}"
        if fresh != name and name != "geometry":
            bad.append(name)
        seen.add(fresh.casefold())
        result.append(fresh)
    if bad:
        notes.say(EN05, layer, listed(dict.fromkeys(bad)), layer=layer, ids=tuple(dict.fromkeys(bad)))
    return result
