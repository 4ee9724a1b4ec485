"""Facts of every document, made of one invented case in a district that does not exist."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from geo.terms import ApplicationAction
from maps.documents import Kind
from maps.documents import facts as f

DAY = date(2024, 5, 20)


def place(name: str = "翠云路", **changes: Any) -> f.Place:
    """One name of the case."""
    given = {
        "action": ApplicationAction.NAMING, "name": name, "romanization": "Cuìyún Lù", "category": "街路巷",
        "unit": "示例市示例区云山镇", "position": "东起云山大道，西至翠湖路，全长820米",
        "meaning": "以邻近的翠云山得名", "origin": "新建道路", "entity": "城市次干路，宽24米",
        "lon": 106.631, "lat": 29.7189, "category_code": "23540", "sources": "云山镇人民政府申请书",
    } | changes  # fmt: skip
    return f.Place(**given)


def places() -> tuple[f.Place, ...]:
    """The names of a plan: named, renamed and ended."""
    return (
        place(),
        place("翠湖村", action=ApplicationAction.RENAMING, former="红旗村", romanization="Cuìhú Cūn", category="村委会、居委会所在地"),
        place("老码头桥", action=ApplicationAction.ABOLITION, romanization="Lǎomǎtou Qiáo", category="设施"),
    )  # fmt: skip


OFFICE = f.Office(name="示例市示例区民政局", address="示例区和平路1号", phone="000-00000000")
REQUEST = f.Reference(
    title="云山镇人民政府关于命名翠云路的请示", number="云府文〔2024〕18号", on=date(2024, 4, 28)
)
APPROVED = f.Reference(title="示例市示例区民政局关于命名“翠云路”的批复", number="示民地〔2024〕7号", on=DAY)
REMEDIES = f.Remedies(reconsideration="示例市示例区人民政府")
REASONS = (
    f.Reason(
        text="与本区既有的“翠云路”重名，同在一个建成区内", article="《地名管理条例》第九条第一款第（八）项"
    ),
    f.Reason(text="拟用名称与实际走向不符", article="《地名管理条例》第九条第一款第（二）项"),
)
HEAD = f.ChainHead(number=48213, digest="9f" * 32, at=datetime(2024, 5, 20, 1, 30, tzinfo=UTC))


def facts_of(kind: Kind, several: bool = False, **changes: Any) -> f.Facts:
    """Facts of a document, for one name or for a plan."""
    common: dict[str, Any] = {
        "number": f.document_number("示民地", 2024, 7), "issuer": OFFICE, "on": DAY, "case": "SL-2024-000123",
        "places": places() if several else (place(),), "plan": "云山镇地名方案（2024年）" if several else "",
        "demo": True,
    }  # fmt: skip
    own: dict[Kind, dict[str, Any]] = {
        Kind.RECEIPT: {"applicant": "云山镇人民政府", "received_at": datetime(2024, 4, 28, 1, 5, tzinfo=UTC),
                       "url": "https://example.org/applications/status", "phone": "138****0000",
                       "materials": ("命名方案及理由", "地理实体位置、规模、性质说明"), "number": "SL-2024-000123"},
        Kind.ACCEPTANCE: {"applicant": "云山镇人民政府", "received_on": date(2024, 4, 28),
                          "accepted_on": date(2024, 4, 30), "days": 20, "due": date(2024, 5, 30),
                          "materials": ("命名方案及理由", "位置图"), "url": "https://example.org/s"},
        Kind.SUPPLEMENT: {"applicant": "云山镇人民政府", "received_on": date(2024, 4, 28),
                          "missing": (f.Missing(what="地理实体的位置图", how="标明起止点", article="《地名管理条例》第十一条"),
                                      f.Missing(what="征求意见报告", how="写明过程、范围、主要意见及处理",
                                                article="《地名管理条例实施办法》第五条")),
                          "reply_by": date(2024, 5, 15), "url": "https://example.org/s"},
        Kind.NOT_ACCEPTED: {"applicant": "某公司", "received_on": date(2024, 4, 28), "reasons": REASONS[:1],
                            "remedies": REMEDIES, "elsewhere": "示例市示例区住房和城乡建设委员会"},
        Kind.EXTENSION: {"applicant": "云山镇人民政府", "accepted_on": date(2024, 4, 30), "days": 10,
                         "due": date(2024, 6, 14), "reasons": (f.Reason(text="需要另行组织专家论证"),)},
        Kind.APPROVAL: {"addressee": "云山镇人民政府", "request": REQUEST,
                        "basis": ("《地名管理条例》第十二条",),
                        "cc": ("示例市民政局", "示例区公安分局"), "contact": "联系电话：000-00000000"},
        Kind.REFUSAL: {"addressee": "云山镇人民政府", "request": REQUEST, "remedies": REMEDIES, "places": (),
                       "refused": tuple(f.Refused(place=p, reasons=REASONS) for p in (places() if several else (place(),)))},
        Kind.OPINION: {"addressee": "示例区住房和城乡建设委员会", "request": REQUEST, "agrees": False, "comments": REASONS},
        Kind.FILING: {"receiver": "示例市民政局", "authority": OFFICE.name, "approval": APPROVED, "approved_on": DAY,
                      "materials": ("备案报告", "批复文件", "申请书"), "number": "B-2024-31"},
        Kind.FILING_REPORT: {"receiver": "示例市民政局", "authority": OFFICE.name, "approval": APPROVED,
                             "approved_on": DAY, "materials": ("批复文件", "申请书"), "due": date(2024, 6, 4)},
        Kind.ANNOUNCEMENT: {"authority": OFFICE.name, "approval": APPROVED, "approved_on": DAY, "head": HEAD,
                            "url": "https://example.org/announcements/2024-7", "number": "2024年第7号"},
    }  # fmt: skip
    return kind.facts(**(common | own[kind] | changes))
