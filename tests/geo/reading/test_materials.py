"""Materials: what is taken, what is refused and why, and that a picture keeps nothing but its pixels."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from geo.reading.materials import (
    DOCX,
    ENDINGS,
    INLINE,
    PDF,
    REASONS,
    Ask,
    MaterialRefused,
    answer,
    examine,
    named,
)
from geo.settings import ROOT, Limits, MaterialLimits


def pdf(*, pages: int = 1, password: str | None = None, change=None) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if change:
        change(writer)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, more.pop("colour", None) or "red").save(out, kind, **more)
    return out.getvalue()


def office(
    change: dict[str, bytes | None] | None = None, *, after: bytes = b"", comment: bytes = b""
) -> bytes:
    """A real .docx, with parts added, replaced or taken away."""
    made, out = io.BytesIO(), io.BytesIO()
    document = docx.Document()
    document.add_paragraph("关于命名龙兴大道的申请")
    document.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()} | (change or {})
        for name, data in parts.items():
            if data is not None:
                new.writestr(name, data)
        new.comment = comment
    return out.getvalue() + after


def ask(tmp_path, data: bytes, file: str, **most):
    """What the child answers, asked in this process."""
    path = tmp_path / "material"
    path.write_bytes(data)
    sent: list[bytes] = []
    found = answer(path, file, Ask(MaterialLimits(**most)), Limits(), sent.append)
    return found, b"".join(sent)


def refusal(tmp_path, data: bytes, file: str, **most) -> str | None:
    found, sent = ask(tmp_path, data, file, **most)
    assert not ("refused" in found and sent)
    return found.get("refused")


def relations(kind: str, target: str) -> bytes:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}" '
        'TargetMode="External"/></Relationships>'
    ).encode()


def types(main: str, *more: str) -> bytes:
    rows = [f'<Override PartName="/word/document.xml" ContentType="{main}"/>', *more]
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(rows)
        + "</Types>"
    ).encode()


# -- what is taken


def test_a_pdf_is_taken_as_it_is(tmp_path):
    found, sent = ask(tmp_path, pdf(pages=3), "申请书.pdf")
    assert found == {"media_type": PDF, "pages": 3} and not sent


def test_a_link_and_a_first_page_in_a_pdf_are_harmless(tmp_path):
    def change(writer):
        page = writer.pages[0]
        go = DictionaryObject({
            NameObject("/S"): NameObject("/GoTo"), NameObject("/D"): ArrayObject([page.indirect_reference, NameObject("/Fit")]),
        })  # fmt: skip
        writer.root_object[NameObject("/OpenAction")] = go
        link = DictionaryObject({
            NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/A"): DictionaryObject({
                NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("https://example.org/"),
            }),
        })  # fmt: skip
        page[NameObject("/Annots")] = ArrayObject([link])

    assert refusal(tmp_path, pdf(change=change), "a.pdf") is None


def test_an_office_file_is_taken_for_download(tmp_path):
    found, sent = ask(tmp_path, office(), "材料.DOCX")
    assert found == {"media_type": DOCX} and not sent and DOCX not in INLINE


@pytest.mark.parametrize(("kind", "file"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")])
def test_pictures_are_drawn_anew(tmp_path, kind, file):
    found, sent = ask(tmp_path, picture(kind), file)
    assert found["size_px"] == (40, 20) and found["rewritten"]
    with Image.open(io.BytesIO(sent)) as again:
        assert again.format == kind and again.convert("RGB").getpixel((5, 5))[0] > 240


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_mode_keep_their_pixels(tmp_path, mode):
    made = Image.radial_gradient("L")
    made = made.convert(mode) if mode != "I;16" else Image.new(mode, (256, 256), 3000)
    out = io.BytesIO()
    made.save(out, "PNG")
    _, sent = ask(tmp_path, out.getvalue(), "a.png")
    with Image.open(io.BytesIO(sent)) as again:
        assert (
            again.convert("RGBA").tobytes()
            == Image.open(io.BytesIO(out.getvalue())).convert("RGBA").tobytes()
        )


def test_a_see_through_colour_stays_see_through(tmp_path):
    _, sent = ask(tmp_path, picture("PNG", mode="P", transparency=0, colour=0), "a.png")
    with Image.open(io.BytesIO(sent)) as again:
        assert again.convert("RGBA").getpixel((0, 0))[3] == 0


def test_a_photograph_loses_what_the_camera_wrote_and_stands_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825)[1] = "N"
    found, sent = ask(tmp_path, picture(exif=exif, comment=b"private note"), "a.jpg")
    assert found["size_px"] == (20, 40)
    assert b"CameraMaker" not in sent and b"private note" not in sent and b"Exif" not in sent
    with Image.open(io.BytesIO(sent)) as again:
        assert not again.getexif() and again.size == (20, 40)


def test_what_hides_behind_a_picture_is_gone(tmp_path):
    for hidden in (b"PK\x03\x04" + b"x" * 50, b"<script>alert(1)</script>", b"%PDF-1.7"):
        found, sent = ask(tmp_path, picture() + hidden, "a.jpg")
        assert found["rewritten"] and hidden not in sent
    text = zlib.compress(b"<script>")
    chunk = struct.pack(">I", len(text) + 6) + b"zTXt" + b"note\0\0" + text
    data = picture("PNG")
    at = data.index(b"IDAT") - 4
    data = data[:at] + chunk + struct.pack(">I", zlib.crc32(chunk[4:])) + data[at:]
    _, sent = ask(tmp_path, data, "a.png")
    assert b"zTXt" not in sent


def test_a_picture_under_another_pictures_name_is_taken_under_its_own(tmp_path):
    assert refusal(tmp_path, picture("PNG"), "scan.jpg") is None
    assert named("扫描.jpg", "image/png") == "扫描.png" and named("a.JPEG", "image/jpeg") == "a.JPEG"
    assert named("noending", PDF) == "noending.pdf" and named("v1.2", PDF) == "v1.2.pdf"


# -- what is refused


def script(writer):
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    tree = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), action])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): tree})


def launch(writer):
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
    )


def opens_an_address(writer):
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("https://example.org/")}
    )


def page_action(writer):
    action = DictionaryObject({NameObject("/S"): NameObject("/SubmitForm")})
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})


def unreached(writer):
    """A script that no page leads to."""
    writer._add_object(
        DictionaryObject({NameObject("/S"): NameObject("/X"), NameObject("/JS"): TextStringObject("1")})
    )


def attachment(writer):
    writer.add_attachment("a.exe", b"MZ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (script, "script"),
        (launch, "script"),
        (opens_an_address, "script"),
        (page_action, "script"),
        (unreached, "script"),
        (attachment, "attachment"),
    ],
)
def test_a_pdf_that_acts_is_refused(tmp_path, change, reason):
    assert refusal(tmp_path, pdf(change=change), "a.pdf") == reason


def compressed(thing: bytes) -> bytes:
    """A PDF 1.5 whose one spare object lies in a compressed object stream, found by a stream of references."""
    data, places = b"%PDF-1.5\n", {}

    def put(number: int, body: bytes) -> None:
        nonlocal data
        places[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)

    def stream(entries: bytes, content: bytes) -> bytes:
        packed = zlib.compress(content)
        return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (entries, len(packed), packed)

    put(1, b"<</Type/Catalog/Pages 2 0 R>>")
    put(2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    put(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
    put(4, stream(b"/Type/ObjStm/N 1/First 4", b"5 0 " + thing))
    start = len(data)
    rows = [(0, 0, 0), *((1, places[n], 0) for n in (1, 2, 3, 4)), (2, 4, 0), (1, start, 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    put(6, stream(b"/Type/XRef/Size 7/W[1 4 1]/Root 1 0 R", table))
    return data + b"startxref\n%d\n%%%%EOF\n" % start


def test_a_script_in_compressed_objects_or_under_a_written_out_name_is_found(tmp_path):
    assert refusal(tmp_path, compressed(b"<</S/X>>"), "a.pdf") is None
    assert refusal(tmp_path, compressed(b"<</S/JavaScript/JS(app.alert\\(1\\))>>"), "a.pdf") == "script"
    odd = pdf(change=launch).replace(b"/Launch", b"/L#61unch")
    assert refusal(tmp_path, odd, "a.pdf") == "script"
    # Outside every table of objects, where only a reader that mends the file would find it.
    data = pdf()
    at = data.index(b"xref\n")
    assert refusal(tmp_path, data[:at] + b"99 0 obj\n<</S /JavaScript>>\nendobj\n" + data[at:], "a.pdf") in ("script", "damaged")  # fmt: skip


@pytest.mark.parametrize(
    ("data", "file", "reason"),
    [
        (b"", "a.pdf", "empty"),
        (b"MZ\x90\0" + b"x" * 100, "a.pdf", "wrong-type"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "a.svg", "wrong-type"),
        (b"<!doctype html><script>alert(1)</script>", "a.pdf", "wrong-type"),
        (b"GIF89a" + b"x" * 100, "a.gif", "wrong-type"),
        (b"\n" + pdf(), "a.pdf", "wrong-type"),
        (pdf(), "a.docx", "other-name"),
        (picture(), "a.pdf", "other-name"),
        (pdf(password="x"), "a.pdf", "encrypted"),
        (pdf(password=None)[:200], "a.pdf", "damaged"),
        (pdf() + office(), "a.pdf", "polyglot"),
        (pdf() + b"<script>", "a.pdf", "polyglot"),
        (b"%PDF-1.7\n%%EOF\n", "a.pdf", "damaged"),
        (picture()[:100], "a.jpg", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "a.png", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧.doc", "ole"),
        (b"PK\x03\x04 not a zip", "a.docx", "polyglot"),
        (office(after=b"x"), "a.docx", "polyglot"),
        (office(comment=b"hello"), "a.docx", "polyglot"),
        (office({"[Content_Types].xml": None}), "a.docx", "wrong-type"),
        (office({"../../etc/passwd": b"x"}), "a.docx", "polyglot"),
        (office({"word/vbaProject.bin": b"x"}), "a.docx", "macro"),
        (office({"word/activeX/activeX1.xml": b"<x/>"}), "a.docx", "macro"),
        (office({"word/media/run.exe": b"MZ"}), "a.docx", "macro"),
        (office({"[Content_Types].xml": types("application/vnd.ms-word.document.macroEnabled.main+xml")}), "a.docx", "macro"),
        (office({"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x"}), "a.docx", "ole"),
        (office({"word/embeddings/a.bin": b"anything"}), "a.docx", "ole"),
        (office({"word/embeddings/a.xlsx": office({"word/vbaProject.bin": b"x"})}), "a.docx", "macro"),
        (office({"word/media/a.png": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), "a.docx", "ole"),
        (office({"word/_rels/settings.xml.rels": relations("attachedTemplate", "http://192.0.2.1/x.dotm")}), "a.docx", "external"),
        (office({"word/_rels/b.xml.rels": relations("image", "//192.0.2.1/share/x.png")}), "a.docx", "external"),
        (office({"word/x.xml": b"<w:instrText> DDEAUTO c:\\\\cmd.exe </w:instrText>"}), "a.docx", "external"),
        (office({"word/x.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "a.docx", "external"),
        (office({"word/x.xml": "<x/>".encode("utf-16")}), "a.docx", "damaged"),
        (office({"word/x.rels": b"<not xml"}), "a.docx", "damaged"),
        (office({"word/media/a.bin": bytes(30 * 1024**2)}), "a.docx", "bomb"),
    ],
)  # fmt: skip
def test_refused(tmp_path, data, file, reason):
    assert refusal(tmp_path, data, file) == reason


def test_a_link_that_a_person_follows_is_no_foreign_content(tmp_path):
    data = office({"word/_rels/x.xml.rels": relations("hyperlink", "https://example.org/")})
    assert refusal(tmp_path, data, "a.docx") is None


def test_a_type_that_no_part_has_means_nothing(tmp_path):
    """Some programs list the type of a binary macro sheet for an ending that the package has no part of."""
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    habit = types(main, f'<Default Extension="bin" ContentType="{kind}"/>')
    assert refusal(tmp_path, office({"[Content_Types].xml": habit}), "a.docx") is None
    used = {"[Content_Types].xml": habit, "word/sheet.bin": b"x"}
    assert refusal(tmp_path, office(used), "a.docx") == "macro"


def test_a_picture_of_a_telephone_that_holds_two(tmp_path):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(
        out, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 20), "blue")]
    )
    found, sent = ask(tmp_path, out.getvalue(), "a.jpg")
    assert found["media_type"] == "image/jpeg"
    with Image.open(io.BytesIO(sent)) as again:
        assert again.format == "JPEG" and getattr(again, "n_frames", 1) == 1


SEEDS = {
    "a.pdf": pdf(pages=2),
    "a.docx": office(),
    "a.png": picture("PNG"),
    "a.jpg": picture(),
    "a.webp": picture("WEBP"),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(SEEDS)), st.data())
def test_whatever_is_done_to_a_file_there_is_an_answer(tmp_path, file, data):
    """Bytes overwritten, cut off and doubled: taken or refused with a reason, never an exception."""
    raw = bytearray(SEEDS[file])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        what = data.draw(st.sampled_from(("byte", "cut", "double")))
        if what == "byte":
            raw[at] = data.draw(st.integers(0, 255))
        elif what == "cut":
            del raw[at : at + data.draw(st.integers(1, 64))]
        else:
            raw[at:at] = raw[at : at + 32]
        if not raw:
            break
    found, _ = ask(tmp_path, bytes(raw), file)
    assert found.get("refused") in (None, *REASONS)


def test_limits(tmp_path):
    assert refusal(tmp_path, pdf(pages=4), "a.pdf", pages=3) == "too-many-pages"
    assert refusal(tmp_path, picture(size=(100, 100)), "a.jpg", pixels=9_999) == "too-many-pixels"
    assert refusal(tmp_path, pdf(), "a.pdf", bytes=100) == "too-large"
    assert refusal(tmp_path, office(), "a.docx", unpacked=1000) == "bomb"


def test_a_decompression_bomb_is_refused_by_its_head(tmp_path):
    """A picture that claims 2.5 gigapixels in a few bytes."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    idat = b"IDAT" + zlib.compress(bytes(1000))
    data += struct.pack(">I", len(idat) - 4) + idat + struct.pack(">I", zlib.crc32(idat))
    assert refusal(tmp_path, data, "a.png") == "too-many-pixels"


def test_every_reason_has_its_words():
    for reason, words in REASONS.items():
        assert words.fill(found="pdf", most=3).zh and words.fill(found="pdf", most=3).en, reason
    assert set(ENDINGS) >= INLINE


# -- through the limited process


def test_examine_reads_in_the_limited_process(tmp_path):
    path = tmp_path / "up"
    exif = Image.Exif()
    exif[0x010F] = "CameraMaker"
    path.write_bytes(picture(exif=exif))
    with examine(path, "现场.png") as found:
        assert (found.filename, found.media_type, found.inline) == ("现场.jpg", "image/jpeg", True)
        assert found.size_px == (40, 20) and found.rewritten and b"CameraMaker" not in found.path.read_bytes()
        kept = found.path
    assert not kept.exists() and path.exists()
    path.write_bytes(pdf(pages=2))
    with examine(path, "申请书.pdf") as found:
        assert found.path == path and found.pages == 2 and not found.rewritten


def test_examine_says_why_a_file_is_refused(tmp_path):
    path = tmp_path / "up"
    path.write_bytes(office({"word/vbaProject.bin": b"x"}))
    with pytest.raises(MaterialRefused) as caught, examine(path, "a.docx"):
        pass
    assert caught.value.details["reason"] == "macro" and "宏" in caught.value.text.zh
    assert "macros" in caught.value.text.en
    path.write_bytes(picture(size=(3000, 3000)))
    most = MaterialLimits(pixels=10_000_000)
    starved = Limits(memory_bytes=150 * 1024**2)
    with pytest.raises(MaterialRefused) as caught, examine(path, "a.jpg", most, starved):
        pass
    assert caught.value.details["reason"] in ("too-heavy", "damaged")


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("YUDI_MATERIAL_PAGES", "7")
    assert MaterialLimits.from_environment().pages == 7
    assert MaterialLimits.from_environment().of_the_reader().upload_bytes == MaterialLimits().bytes


def test_every_reason_is_documented():
    words = (ROOT / "docs" / "materials.md").read_text("utf-8")
    assert all(f"`{reason}`" in words for reason in REASONS)
