"""审计 /admin/audit: who did what, for administrators; /audit/head: the head of the chain, for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.doors import Reading
from api.pages.forms import BadField
from api.pages.rendering import page
from geo.days import SHANGHAI
from geo.problems import Problem
from geo.store import audit
from geo.text import Text

router = APIRouter(include_in_schema=False)

AT_ONCE = 50
HEAD_DAYS = 60

#: What acts are called where people read them; one that is not here is shown by its code. A step of a life
#: ("line.settle") goes by what it is a step of.
ACTS = {
    "add": Text("新建用户", "Add a user"),
    "change": Text("更改用户", "Change a user"),
    "reset-password": Text("重设口令", "Reset a password"),
    "unlock": Text("解除锁定", "Unlock"),
    "link": Text("关联统一身份", "Link an identity"),
    "register": Text("自行注册", "Register"),
    "claim-organisation": Text("申请机构身份", "Claim an organisation"),
    "confirm-organisation": Text("确认机构身份", "Confirm an organisation"),
    "refuse-organisation": Text("不予确认机构身份", "Refuse an organisation"),
    "password": Text("修改口令", "Change a password"),
    "make-token": Text("生成令牌", "Make a token"),
    "end-session": Text("结束会话", "End a session"),
    "login": Text("登录", "Log in"),
    "logout": Text("退出", "Log out"),
    "refuse-login": Text("登录被拒", "Login refused"),
    "refuse": Text("操作被拒", "Refused"),
    "lock": Text("账号锁定", "Account locked"),
    "read": Text("查阅受限数据", "Read restricted data"),
    "read_material": Text("查阅申请材料", "Read a material"),
    "write": Text("写入", "Write"),
    "export": Text("导出审计记录", "Export the trail"),
    "submit": Text("提交", "Submit"),
    "inspect": Text("检查", "Inspect"),
    "recheck": Text("重新检查", "Check again"),
    "accept": Text("接受", "Accept"),
    "return": Text("退回", "Return"),
    "edit": Text("修改", "Edit"),
    "undo": Text("撤回修改", "Put back"),
    "import": Text("导入", "Import"),
    "describe": Text("补充说明", "Describe"),
    "settle_reading": Text("确定读音", "Settle a reading"),
    "end": Text("废止", "End"),
    "respell": Text("按审定读音改拼写", "Spell after a settled reading"),
    "report": Text("纠错", "Report an error"),
    "answer": Text("答复", "Answer"),
    "attach": Text("上传材料", "Attach a material"),
    "detach": Text("移除材料", "Take a material off"),
    "load": Text("载入演示数据", "Load the demonstration"),
    "remove": Text("移除演示数据", "Remove the demonstration"),
}
LIVES = {
    "line": Text("界线办理", "Boundary line"),
    "protection": Text("保护名录", "Protection list"),
    "application": Text("地名申请", "Application"),
    "announcement": Text("公告", "Announcement"),
    "comment": Text("公众意见", "Public comment"),
    "plan": Text("地名方案", "Naming plan"),
}
KINDS = {
    "user": Text("用户", "User"),
    "claim": Text("机构身份申请", "Claim of an organisation"),
    "route": Text("页面或接口", "Route"),
    "refusals": Text("被拒操作", "Refusals"),
    "audit": Text("审计记录", "Audit trail"),
    "marker": Text("界桩", "Marker"),
    "boundary-line": Text("界线", "Line"),
    "boundary_line": Text("界线", "Line"),
    "submission": Text("成果提交", "Submission"),
    "evidence": Text("证据", "Evidence"),
    "material": Text("申请材料", "Material"),
    "application": Text("地名申请", "Application"),
    "announcement": Text("公告", "Announcement"),
    "comment": Text("公众意见", "Comment"),
    "plan": Text("地名方案", "Naming plan"),
    "place_name": Text("地名", "Place name"),
    "names": Text("地名", "Place names"),
    "naming_word": Text("词表", "Word list"),
    "protection_list": Text("保护名录", "Protection list"),
    "error-report": Text("纠错", "Error report"),
    "units": Text("行政区划", "Units"),
    "demo": Text("演示数据", "Demonstration"),
}


def kind_name(kind: str) -> Text:
    """What a kind of subject is called."""
    return KINDS.get(kind, Text(kind, kind))


def act_name(act: str) -> Text:
    """What an act is called."""
    if act in ACTS:
        return ACTS[act]
    life, dot, step = act.partition(".")
    if dot and life in LIVES:
        return Text(f"{LIVES[life].zh}：{step}", f"{LIVES[life].en}: {step}")
    return Text(act, act)


@router.get("/admin/audit")
def show(request: Request, session: Reading) -> Response:
    """The newest events first; every reading of this page is an event itself."""
    keys = ("who", "act", "kind", "subject", "since", "until", "before")
    asked: dict[str, str] = {
        key: request.query_params.get(key, "").replace("\0", "").strip()[:100] for key in keys
    }
    problem: Problem | None = None
    found: list[Any] = []
    try:
        found = audit.events(
            session,
            who=asked["who"],
            act=asked["act"],
            subject_kind=asked["kind"],
            subject=asked["subject"],
            since=_day(asked, "since"),
            until=_day(asked, "until", days=1),
            before=_number(asked),
            limit=AT_ONCE,
        )
    except Problem as refused:
        problem = refused
        asked |= {"since": "", "until": ""}
    rows = found[:AT_ONCE]
    acts, kinds = audit.kinds(session)
    filters = {key: value for key, value in asked.items() if value and key != "before"}
    return page(
        request,
        "trail.html",
        status=200 if problem is None else 422,
        problem=None if problem is None else problem.text,
        rows=rows,
        asked=asked,
        acts=acts,
        kinds=kinds,
        act_name=act_name,
        kind_name=kind_name,
        first=f"/admin/audit?{urlencode(filters)}" if asked["before"] else "",
        next=f"/admin/audit?{urlencode({**filters, 'before': rows[-1].id})}" if len(found) > AT_ONCE else "",
    )


def _day(asked: dict[str, str], field: str, days: int = 0) -> datetime | None:
    """The beginning of a Beijing day, `days` later. Raises BadField."""
    if not asked[field]:
        return None
    try:
        day = datetime.combine(datetime.fromisoformat(asked[field]).date(), time(), SHANGHAI)
        return (day + timedelta(days=days)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadField(field=field) from error


def _number(asked: dict[str, str]) -> int | None:
    given = asked["before"]
    if not given:
        return None
    if not (given.isascii() and given.isdigit()) or int(given) >= 2**63:
        raise BadField(field="before")
    return int(given)


@router.get("/audit/head")
def show_head(request: Request, session: Reading) -> Response:
    """Public: who keeps a head can prove that nothing before it was changed."""
    return page(
        request, "audit_head.html", head=audit.head(session), days=audit.heads_by_day(session, HEAD_DAYS)
    )  # fmt: skip
