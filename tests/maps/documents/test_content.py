"""What each document says, in both forms: the law's content, reasons, remedies, everything missing at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date

import docx
import pypdf
import pytest

from geo.terms import ApplicationAction
from maps.documents import Kind, make
from maps.documents import facts as f
from maps.documents.make import compose
from maps.documents.paper import ordinal
from maps.documents.records import degrees
from tests.maps.documents.case import APPROVED, HEAD, REASONS, REMEDIES, facts_of, place, places

ALL = [(kind, several) for kind in Kind for several in (False, True)]

#: What must be read in each document of one name, whatever its form.
SAID: dict[Kind, list[str]] = {
    Kind.RECEIPT: ["地名申请回执", "SL-2024-000123", "云山镇人民政府", "138****0000", "2024年4月28日9时05分", "“翠云路”命名",
                   "命名方案及理由", "https://example.org/applications/status"],
    Kind.ACCEPTANCE: ["受理通知书", "示民地〔2024〕7号", "云山镇人民政府：", "2024年4月30日起予以受理", "20个工作日", "2024年5月30日",
                      "《中华人民共和国行政许可法》第三十二条第一款第（五）项", "SL-2024-000123"],
    Kind.SUPPLEMENT: ["补正通知书", "一次告知", "共2项", "地理实体的位置图", "标明起止点", "征求意见报告", "《地名管理条例实施办法》第五条",
                      "第三十二条第一款第（四）项", "2024年5月15日前补正", "不计入办理时限"],
    Kind.NOT_ACCEPTED: ["不予受理通知书", "决定不予受理", "与本区既有的“翠云路”重名", "请向示例市示例区住房和城乡建设委员会申请",
                        "60日内向示例市示例区人民政府申请行政复议", "6个月内依法向有管辖权的人民法院提起行政诉讼"],
    Kind.EXTENSION: ["延长办理期限告知书", "第四十二条", "经本机关负责人批准", "延长10个工作日", "2024年6月14日", "需要另行组织专家论证"],
    Kind.APPROVAL: ["示例市示例区民政局文件", "示例市示例区民政局关于命名“翠云路”的批复", "云府文〔2024〕18号",
                    "位于示例市示例区云山镇", "命名为“翠云路”（罗马字母拼写：Cuìyún Lù）", "以邻近的翠云山得名",
                    "15日内", "第十三条", "第十四条", "抄送：示例市民政局，示例区公安分局。", "2024年5月20日印发", "此复。"],
    Kind.REFUSAL: ["不予批准决定书", "决定不予批准", "1. 与本区既有的“翠云路”重名", "2. 拟用名称与实际走向不符",
                   "《地名管理条例》第九条第一款第（八）项", "申请行政复议", "提起行政诉讼"],
    Kind.OPINION: ["意见的复函", "示例区住房和城乡建设委员会：", "有下列意见", "第十二条", "报本机关备案", "特此函复。"],
    Kind.FILING: ["地名备案登记表", "备案编号：B-2024-31", "翠云路", "Cuìyún Lù", "街路巷", "23540", "示例市示例区云山镇",
                  "东经106°37′51.6″，北纬29°43′08.0″", "城市次干路，宽24米", "示例市民政局", "登记人", "备案意见",
                  "1. 备案报告；2. 批复文件；3. 申请书"],
    Kind.FILING_REPORT: ["的备案报告", "示例市民政局：", "示民地〔2024〕7号", "备案期限至2024年6月4日", "1. 地名备案登记表", "3. 申请书"],
    Kind.ANNOUNCEMENT: ["示例市示例区民政局公告", "2024年第7号", "标准名称", "翠云路", "罗马字母拼写", "Cuìyún Lù", "所属政区",
                        "示例市示例区云山镇", "位置描述", "东起云山大道，西至翠湖路，全长820米", "批准机关", "批准时间", "2024年5月20日",
                        "第十四条", "审计链链头：第 48213 条", "9f9f9f9f", "https://example.org/announcements/2024-7"],
}  # fmt: skip


def of_pdf(made: bytes) -> str:
    """All text of a PDF without spaces and line ends, which the layout puts in."""
    return squeezed("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages))


def of_docx(made: bytes) -> str:
    """All text of a Word document, tables, header and footer among it."""
    found = docx.Document(io.BytesIO(made))
    texts = [
        t.text or ""
        for t in found.element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")
    ]
    texts += [p.text for section in found.sections for p in section.header.paragraphs]
    return squeezed("".join(texts))


def words_of(kind: Kind, facts: f.Facts) -> str:
    """All text of a document before it is set; what both forms are made of."""

    def texts(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                yield from texts(item)
        elif is_dataclass(value):
            for field in fields(value):
                yield from texts(getattr(value, field.name))

    return squeezed("".join(texts(compose(kind, facts))))


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("kind", Kind)
def test_a_document_says_what_it_must_in_both_forms(kind: Kind) -> None:
    facts = facts_of(kind)
    for said in (of_pdf(make(kind, facts)), of_docx(make(kind, facts, "docx"))):
        missing = [text for text in SAID[kind] if squeezed(text) not in said]
        assert not missing, said
        assert squeezed("演示数据（虚构），不具法律效力") in said
        assert "2024年5月20日" in said or kind is Kind.FILING


@pytest.mark.parametrize("kind", Kind)
def test_a_plan_names_every_name_in_both_forms(kind: Kind) -> None:
    facts = facts_of(kind, several=True)
    set_ = [of_pdf(make(kind, facts))] if kind in (Kind.APPROVAL, Kind.FILING) else []
    for said in (*set_, words_of(kind, facts), of_docx(make(kind, facts, "docx"))):
        if kind not in (Kind.SUPPLEMENT, Kind.NOT_ACCEPTED, Kind.EXTENSION):
            for one in places():
                assert one.name in said and (kind is Kind.REFUSAL or squeezed(one.romanization) in said)
            assert "红旗村" in said
        if kind not in (Kind.FILING,):
            assert squeezed("云山镇地名方案（2024年）") in said


@pytest.mark.parametrize("kind", [Kind.RECEIPT])
def test_real_data_carry_no_mark_of_demonstration(kind: Kind) -> None:
    assert "演示数据" not in of_pdf(make(kind, facts_of(kind, demo=False)))
    assert "演示数据" not in of_docx(make(kind, facts_of(kind, demo=False), "docx"))


def test_the_mark_stands_on_every_page() -> None:
    many = tuple(place(f"翠云{i}路") for i in range(60))
    pages = pypdf.PdfReader(
        io.BytesIO(make(Kind.APPROVAL, facts_of(Kind.APPROVAL, places=many, plan="方案")))
    ).pages
    assert len(pages) > 3
    assert all("演示数据" in page.extract_text() for page in pages)
    text = of_pdf(make(Kind.APPROVAL, facts_of(Kind.APPROVAL, places=many, plan="方案")))
    assert all(f"翠云{i}路" in text for i in range(60)), "each name of a plan"


def test_everything_missing_is_told_at_once() -> None:
    missing = tuple(f.Missing(what=f"材料甲{i}", how=f"要求乙{i}") for i in range(40))
    said = words_of(Kind.SUPPLEMENT, facts_of(Kind.SUPPLEMENT, missing=missing))
    assert "共40项" in said
    assert all(f"材料甲{i}" in said and f"要求乙{i}" in said for i in range(40))


def test_a_plan_approved_in_part_says_which_and_why_and_the_remedies() -> None:
    refused = (f.Refused(place=place("大众广场", category="住宅区、楼宇"), reasons=REASONS[:1]),)
    facts = facts_of(Kind.APPROVAL, several=True, refused=refused, remedies=REMEDIES)
    said = words_of(Kind.APPROVAL, facts)
    assert "一、同意下列3件地名" in said and "二、对下列申请事项不予批准" in said
    assert "重名" in said and "申请行政复议" in said and "提起行政诉讼" in said


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (place("翠湖村", action=ApplicationAction.RENAMING, former="红旗村"), "“红旗村”更名为“翠湖村”"),
        (
            place("老桥", action=ApplicationAction.ABOLITION),
            "“老桥”（罗马字母拼写：CuìyúnLù）销名，该地名不再作为标准地名使用",
        ),
    ],
)
def test_renaming_and_abolition_have_words_of_their_own(one: f.Place, words: str) -> None:
    assert words in words_of(Kind.APPROVAL, facts_of(Kind.APPROVAL, places=(one,)))
    said = words_of(Kind.ANNOUNCEMENT, facts_of(Kind.ANNOUNCEMENT, places=(one,)))
    assert ("不再作为标准地名使用" in said) is (one.action is ApplicationAction.ABOLITION)


def test_another_bodys_approval_is_named_with_its_day() -> None:
    facts = facts_of(Kind.APPROVAL, authority="示例市人民政府", approved_on=date(2024, 5, 18))
    assert "批准机关：示例市人民政府，批准时间：2024年5月18日" in words_of(Kind.APPROVAL, facts)


@pytest.mark.parametrize(("field", "words"), [("corrects", "更正如下"), ("withdraws", "予以撤回")])
def test_a_correction_or_withdrawal_leaves_both(field: str, words: str) -> None:
    earlier = f.Reference(title="关于“翠云路”命名的公告", number="2024年第6号", on=date(2024, 5, 19))
    facts = facts_of(Kind.ANNOUNCEMENT, **{field: earlier, "why": "罗马字母拼写有误"})
    said = words_of(Kind.ANNOUNCEMENT, facts)
    assert words in said and "2024年第6号，2024年5月19日" in said and "因罗马字母拼写有误" in said
    assert "均公开保留" in said and "审计链链头" in said


def test_the_whole_digest_is_printed() -> None:
    digest = "0123456789abcdef" * 4
    head = f.ChainHead(number=7, digest=digest, at=HEAD.at)
    for form in ("pdf", "docx"):
        said = make(Kind.ANNOUNCEMENT, facts_of(Kind.ANNOUNCEMENT, head=head), form)
        assert digest in (of_pdf(said) if form == "pdf" else of_docx(said))


def test_a_department_is_answered_whether_it_agrees() -> None:
    for agrees, comments, words in (
        (True, (), "无不同意见。"), (True, REASONS, "原则同意，并有下列意见："), (False, REASONS, "有下列意见："),
    ):  # fmt: skip
        said = words_of(Kind.OPINION, facts_of(Kind.OPINION, agrees=agrees, comments=comments))
        assert words in said


def test_a_form_a_name() -> None:
    pages = pypdf.PdfReader(io.BytesIO(make(Kind.FILING, facts_of(Kind.FILING, several=True)))).pages
    assert len(pages) == 3
    for page, one in zip(pages, places(), strict=True):
        assert one.name in page.extract_text()


def test_facts_of_another_kind_are_refused() -> None:
    with pytest.raises(TypeError):
        compose(Kind.APPROVAL, facts_of(Kind.RECEIPT))
    with pytest.raises(ValueError):
        make(Kind.RECEIPT, facts_of(Kind.RECEIPT), "odt")  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        f.document_number("示民地", 2024, 0)
    with pytest.raises(ValueError):
        f.document_number("示民地", 24, 1)


def test_small_words() -> None:
    assert [ordinal(n) for n in (1, 10, 11, 20, 99)] == ["一", "十", "十一", "二十", "九十九"]
    with pytest.raises(ValueError):
        ordinal(0)
    assert degrees(106.9999999, "EW") == "东经107°00′00.0″" and degrees(-1.5, "NS") == "南纬1°30′00.0″"
    assert f.document_number("渝北民地", 2024, 12) == "渝北民地〔2024〕12号"
    assert Kind.APPROVAL.file_name("../渝〔2024〕1号\x00", "pdf") == "批复-渝〔2024〕1号.pdf"
    assert APPROVED.number == "示民地〔2024〕7号"
