"""文书标题: how a decision names what it is about, for its own head and for whoever cites it later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from geo.terms import APPLICATION_ACTION_NAMES, ApplicationAction


class Matter(NamedTuple):
    """One name of a case. former: of a renaming."""

    action: ApplicationAction
    name: str
    former: str = ""


def proposal(matter: Matter) -> str:
    """What is asked for one name, as a noun: “翠云路”命名, “甲村”更名为“乙村”, “丙桥”销名."""
    if matter.action is ApplicationAction.RENAMING and matter.former:
        return f"“{matter.former}”更名为“{matter.name}”"
    return f"“{matter.name}”{APPLICATION_ACTION_NAMES[matter.action].zh}"


def subject(matters: Sequence[Matter], plan: str = "") -> str:
    """What a document is about: the one name, the plan, or the first of several names."""
    if plan:
        return f"《{plan}》"
    if not matters:
        return "地名申请"
    if len(matters) == 1:
        return proposal(matters[0])
    return f"{proposal(matters[0])}等{len(matters)}件地名"


def approval(office: str, matters: Sequence[Matter], plan: str = "") -> str:
    """批复的标题: a verb before the one name, as such titles have."""
    about = subject(matters, plan)
    if len(matters) == 1 and not plan and matters[0].action is not ApplicationAction.ABOLITION:
        name = f"“{matters[0].name}”"
        if matters[0].action is ApplicationAction.NAMING:
            about = f"命名{name}"
        elif not matters[0].former:
            about = f"更名为{name}"
    return f"{office}关于{about}的批复"
