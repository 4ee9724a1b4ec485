"""演示办件（虚构）: what the demonstration's applications are, each with the steps that brought it where it stands.

Names, places and words are invented. A step is (name, days ago, account, reason, details); the days count back from the
day of loading, so that something is always due soon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.names.categories import Category
from geo.terms import ApplicationAction as Action

OFFICIAL = {"accept": "acceptance", "begin_review": "reviewer", "report": "reviewer", "approve": "approver"}
INVENTED = "演示数据（虚构）"


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of a demonstration case. days: ago."""

    name: str
    days: int
    login: str
    reason: str = INVENTED
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demo:
    """One case. kind: 申请人类型. plan: of the demonstration's plan. renames: takes an invented name of the register. near: lies beside
    the invented street of that name, which it sounds like."""

    name: str
    category: Category
    login: str
    kind: str
    steps: tuple[Taken, ...]
    action: Action = Action.NAMING
    plan: bool = False
    renames: bool = False
    near: str = ""
    reasons: str = "新建道路已具备通行条件，需命名以便群众出行和门牌编制。"
    meaning: str = "取当地草木为名，寓意清新宜居。"
    size: str = "长约1.2千米，宽16米"
    nature: str = "城市支路"


def _street(name: str, login: str, *steps: Taken, **more: Any) -> Demo:
    kind = {"builder": "builder", "township": "township", "citizen": "citizen"}[login]
    return Demo(name, Category.STREET, login, kind, steps, **more)


def _reviewed(days: int, *, stance: str = "agree") -> tuple[Taken, ...]:
    """Handed in, accepted and reviewed, the report `days` ago."""
    return (
        Taken("submit", days + 12, "builder", "提交申请"),
        Taken("accept", days + 10, "acceptance", "材料齐全，予以受理"),
        Taken("begin_review", days + 8, "reviewer", "开始审查"),
        Taken("report", days, "reviewer", "审查完毕，报请决定", {"stance": stance}),
    )


PAPER = {"body": "演示机关（虚构）", "number": "演示〔2026〕1号（虚构）"}

CASES: tuple[Demo, ...] = (
    _street("云岫路", "builder"),
    _street("桃溪巷", "builder", Taken("submit", 1, "builder", "提交申请")),
    _street("杏坪路", "township", Taken("submit", 7, "township", "提交申请")),
    _street(
        "柳荫横街", "township",
        Taken("submit", 6, "township", "提交申请"),
        Taken("ask_supplement", 4, "acceptance", "请补充位置图", {"items": ["标注起止点的位置图", "道路宽度"]}),
    ),
    _street(
        "竹韵路", "builder",
        Taken("submit", 9, "builder", "提交申请"), Taken("accept", 6, "acceptance", "材料齐全，予以受理"),
    ),
    _street(
        "松涛路", "builder",
        Taken("submit", 40, "builder", "提交申请"), Taken("accept", 38, "acceptance", "材料齐全，予以受理"),
        Taken("begin_review", 30, "reviewer", "开始审查"),
        Taken("seek_opinions", 28, "reviewer", "征求意见", {"items": ["演示交通部门", "演示公安部门"]}),
        Taken("record_opinion", 20, "reviewer", "收到复函",
              {"giver": "演示交通部门", "stance": "agree", "says": "无不同意见。（虚构）"}),
    ),
    _street("栖秀路", "builder", *_reviewed(2), near="栖岫路"),
    _street(
        "", "township",
        Taken("submit", 20, "township", "提交申请"), Taken("accept", 18, "acceptance", "材料齐全，予以受理"),
        Taken("begin_review", 15, "reviewer", "开始审查"),
        Taken("open_comment", 3, "reviewer", "公示征求意见", {"says": "拟更名，欢迎提出意见。（演示，虚构）"}),
        action=Action.RENAMING, renames=True, reasons="原名与邻近道路易混淆，拟更名。",
    ),
    _street(
        "梧桐里路", "builder", *_reviewed(9),
        Taken("approve", 6, "approver", "同意命名"), Taken("deliver", 5, "acceptance", "窗口领取"),
    ),
    _street(
        "银杏坪路", "builder", *_reviewed(34),
        Taken("approve", 30, "approver", "同意命名"), Taken("deliver", 29, "acceptance", "窗口领取"),
        Taken("send_filing", 25, "registrar", "报送备案"), Taken("announce", 24, "registrar", "予以公告"),
        Taken("file", 18, "registrar", "备案办结", {"reference": "演示备案〔2026〕1号（虚构）"}),
    ),
    _street(
        "巴黎大道", "builder", *_reviewed(16, stance="disagree"),
        Taken("refuse", 14, "approver", "以外国地名命名，不符合《地名管理条例》第九条。（演示）"),
    ),
    _street(
        "芦花路", "builder",
        Taken("submit", 25, "builder", "提交申请"), Taken("withdraw", 22, "builder", "方案调整，另行申请"),
    ),
    Demo(
        "云栖雅苑", Category.ESTATE, "builder", "builder",
        (
            *_reviewed(12),
            Taken("answer", 10, "approver", "同意，名称符合命名规则", {"stance": "agree"}),
        ),
        reasons="新建住宅小区命名。", size="占地约4万平方米", nature="住宅小区",
    ),
    _street("槐荫路", "citizen", Taken("submit", 3, "citizen", "群众建议"), reasons="老槐树是本地标志，建议以此命名。"),
    *(
        _street(name, "township", Taken("submit", 4, "township", "提交方案"), plan=True)
        for name in ("丹枫一路", "丹枫二路", "丹枫三路")
    ),
)  # fmt: skip
