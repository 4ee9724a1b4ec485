"""Materials (申请材料): what an applicant's file is by its content, and whether it may be kept and shown.

`answer` runs in the limited child process (child.py), `examine` is the caller's side. PDF and pictures may be shown in the
browser; Office files are downloads. A picture is kept as its pixels alone: what a camera wrote beside them (EXIF,
position), and anything that another program could read in the same bytes, is left behind.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from geo.problems import BadInput
from geo.reading.layers import ReadOptions
from geo.settings import Limits, MaterialLimits
from geo.text import Text

Send = Callable[[bytes], None]

PDF = "application/pdf"
_OOXML = "application/vnd.openxmlformats-officedocument."
DOCX = f"{_OOXML}wordprocessingml.document"
XLSX = f"{_OOXML}spreadsheetml.sheet"
PPTX = f"{_OOXML}presentationml.presentation"
#: Media type -> the endings that its files may have; the first is the one it is kept with.
ENDINGS: dict[str, tuple[str, ...]] = {
    PDF: ("pdf",),
    "image/jpeg": ("jpg", "jpeg", "jfif"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    PPTX: ("pptx",),
}
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
#: What a browser may show in place; everything else is a download.
INLINE = PICTURES | {PDF}

#: Why a file is refused: what is wrong, and what to do.
REASONS: dict[str, Text] = {
    "empty": Text("文件是空的，请重新选择", "the file is empty; choose it again"),
    "wrong-type": Text(
        "不接收这种文件；请上传 PDF、图片（JPEG、PNG、WebP）或 docx、xlsx、pptx",
        "this kind of file is not taken; send PDF, a picture (JPEG, PNG, WebP) or docx, xlsx, pptx",
    ),
    "other-name": Text(
        "内容是 {found}，与文件名不符；请用正确的扩展名重新保存",
        "its content is {found}, which its name denies; save it under the right ending",
    ),
    "too-large": Text("超过 {most} MB；请压缩或拆分", "it is over {most} MB; reduce or split it"),
    "too-many-pages": Text("超过 {most} 页；请拆分", "it has more than {most} pages; split it"),
    "too-many-pixels": Text(
        "图片超过 {most} 百万像素；请缩小后再传", "the picture has more than {most} megapixels; reduce it"
    ),
    "bomb": Text(
        "解压后过大（疑似压缩炸弹）；请重新另存", "it unpacks to far too much; save it anew from its program"
    ),
    "damaged": Text("文件损坏，读不完整；请重新导出", "it is damaged and cannot be read whole; export it again"),
    "encrypted": Text("文件有密码；请取消密码后上传", "it is encrypted; send it without a password"),
    "polyglot": Text(
        "文件里混有另一种文件；请从原程序重新导出", "another file is hidden in it; export it again from its program"
    ),
    "macro": Text("文件带宏或控件；请另存为不带宏的 docx、xlsx、pptx 或 PDF", "it carries macros or controls; save it without them, or as PDF"),
    "ole": Text(
        "旧版 Office 或含嵌入对象；请另存为 docx、xlsx、pptx 或 PDF",
        "it is of the old Office form or holds an embedded object; save it as docx, xlsx, pptx or PDF",
    ),
    "external": Text(
        "文件会从外部地址取内容；请断开外部链接后另存", "it fetches content from elsewhere; break its external links"
    ),
    "script": Text("PDF 含脚本或自动动作；请重新打印为 PDF", "the PDF holds scripts or actions; print it to PDF again"),
    "attachment": Text("PDF 内嵌附件；请把附件单独上传", "the PDF holds attachments; send them as files of their own"),
    "too-heavy": Text(
        "读取时超出内存或时间限制；请简化后再传", "reading it took more memory or time than allowed; simplify it"
    ),
}  # fmt: skip


class MaterialRefused(BadInput):
    """A file that is not taken as a material; `reason` is one of REASONS."""

    code = "material-refused"
    title = Text("“{filename}”未接收：{why}", "“{filename}” was not taken: {why}")


class Refused(Exception):
    """In the child: why the file is refused, with the figures of its sentence."""

    def __init__(self, reason: str, **details: Any) -> None:
        assert reason in REASONS, reason
        super().__init__(reason)
        self.reason, self.details = reason, details


@dataclass(frozen=True, slots=True)
class Ask:
    """Given in place of the surroundings: read the file as a material."""

    limits: MaterialLimits


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be kept. path: of the bytes to keep, good as long as `examine`'s context lasts.

    filename: with the ending of its content. pages: of a PDF. size_px: of a picture. rewritten: whether the bytes
    are not those that came.
    """

    path: Path
    filename: str
    media_type: str
    inline: bool
    pages: int | None
    size_px: tuple[int, int] | None
    rewritten: bool


def answer(path: Path, file: str, ask: Ask, limits: Limits, send: Send) -> dict[str, Any]:
    """In the child: what the file is, or {"refused", "details"}. A picture's new bytes are sent."""
    try:
        return _judge(path, file, ask.limits, limits, send)
    except Refused as refused:
        return {"refused": refused.reason, "details": refused.details}


def _judge(path: Path, file: str, most: MaterialLimits, limits: Limits, send: Send) -> dict[str, Any]:
    from geo.reading import material_office, material_pdf, material_picture

    size = path.stat().st_size
    if size == 0:
        raise Refused("empty")
    if size > most.bytes:
        raise Refused("too-large", most=most.bytes // 1024**2)
    with path.open("rb") as stream:
        head = stream.read(64)
    found: dict[str, Any]
    if head.startswith(b"%PDF-"):
        found = {"media_type": PDF, "pages": material_pdf.pages(path, most)}
    elif kind := material_picture.kind_of(head):
        data, size_px = material_picture.redrawn(path, kind, most)
        found = {"media_type": kind, "size_px": size_px, "rewritten": True}
    elif head.startswith(b"PK\x03\x04"):
        found = {"media_type": material_office.media_type(path, most, limits)}
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Refused("ole")
    else:
        raise Refused("wrong-type")
    ending = PurePosixPath(file.replace("\\", "/")).suffix[1:].lower()
    known = ENDINGS[found["media_type"]]
    of_picture = {e for kind in PICTURES for e in ENDINGS[kind]}
    # Pictures are often saved under another picture's ending; they are kept under their own.
    if ending and ending not in known and not (found["media_type"] in PICTURES and ending in of_picture):
        raise Refused("other-name", found=known[0])
    if found.get("rewritten"):
        send(data)
    return found


def as_json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, allow_nan=False).encode()


def named(filename: str, media_type: str) -> str:
    """The file's name with an ending of its content."""
    stem, dot, ending = filename.rpartition(".")
    if dot and ending.lower() in ENDINGS[media_type]:
        return filename
    of_picture = {e for kind in PICTURES for e in ENDINGS[kind]}
    base = stem if dot and stem and ending.lower() in of_picture else filename
    return f"{base or filename}.{ENDINGS[media_type][0]}"


@contextlib.contextmanager
def examine(
    path: Path, filename: str, most: MaterialLimits | None = None, limits: Limits | None = None
) -> Iterator[Examined]:
    """Read a file in a limited process and say what it is; nothing of it is parsed here.

    Raises MaterialRefused; DiskFull or ParserUnavailable (geo.reading.apart) where the machine is at fault.
    """
    from geo.reading import apart

    most = most or MaterialLimits.from_environment()
    with tempfile.NamedTemporaryFile(prefix="yudi-material-") as spool:
        if path.stat().st_size > most.bytes:
            raise _refusal(filename, "too-large", {"most": most.bytes // 1024**2})
        outcome = apart.run(
            path, filename, ReadOptions(), limits or most.of_the_reader(), Ask(most), features=True,
            progress=lambda step, share: None, spool=cast(BinaryIO, spool),
        )  # fmt: skip
        report = outcome.report
        if outcome.failure == "disk":
            raise apart.DiskFull
        if report is None:
            raise _refusal(filename, "damaged" if outcome.failure == "crash" else "too-heavy", {})
        if "refused" in report:
            raise _refusal(filename, str(report["refused"]), report.get("details") or {})
        spool.flush()
        kind = report["media_type"]
        if kind not in ENDINGS:
            raise _refusal(filename, "wrong-type", {})
        rewritten = bool(report.get("rewritten"))
        px = report.get("size_px")
        yield Examined(
            path=Path(spool.name) if rewritten else path,
            filename=named(filename, kind),
            media_type=kind,
            inline=kind in INLINE,
            pages=report.get("pages"),
            size_px=(int(px[0]), int(px[1])) if px else None,
            rewritten=rewritten,
        )


def _refusal(filename: str, reason: str, details: dict[str, Any]) -> MaterialRefused:
    reason = reason if reason in REASONS else "damaged"
    with contextlib.suppress(KeyError, IndexError):
        return MaterialRefused(filename=filename, reason=reason, why=REASONS[reason].fill(**details))
    return MaterialRefused(filename=filename, reason="damaged", why=REASONS["damaged"])
