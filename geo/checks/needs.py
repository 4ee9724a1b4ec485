"""What a check needs beyond the upload, and the words for leaving it out where that is absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps

from geo.checks.scene import Scene
from geo.findings import Check, Hit
from geo.terms import Profile, Role, Severity
from geo.text import Text

#: The references that a check can ask for: whether a scene has it, and what it is called.
REFERENCES: dict[str, tuple[Callable[[Scene], bool], Text]] = {
    "published": (lambda s: s.published is not None, Text("已公布的界线和政区", "published lines and units")),
    "district": (
        lambda s: s.published is not None and s.published.district is not None,
        Text("本区县的范围", "the district's outline"),
    ),
    "county_line": (
        lambda s: s.published is not None and s.published.county_line is not None,
        Text("现行县级界线", "the county line in force"),
    ),
    "units": (lambda s: s.units is not None, Text("本区县的政区代码表", "the district's table of units")),
}

SKIPPED = Text("未作此项检查：缺少{0}", "Not checked for want of {1}")
SKIPPED_REMEDY = Text(
    "在已装数据库的系统中提交后会自动检查，无需修改文件",
    "Submit the file to a system with its database: it is checked there; nothing in the file needs mending",
)


def absent(*what: Text) -> Hit:
    """The information that a check was left out because a reference is absent."""
    return Hit(
        says=("、".join(t.zh for t in what), " and ".join(t.en for t in what)),
        severity=Severity.INFO,
        text=SKIPPED,
        remedy=SKIPPED_REMEDY,
    )


def needs(*references: str, of: tuple[Role, ...] = ()) -> Callable[[Check], Check]:
    """Decorator, under `CHECKS.rule`: where a reference is absent the check is left out, and in profile
    township an information of the same code says so (in generic it is left out without a word).

    references: keys of REFERENCES. of: the roles that the check speaks of; with none of them in the
    upload nothing is said at all.
    """

    def around(check: Check) -> Check:
        @wraps(check)
        def guarded(scene: Scene) -> Iterator[Hit]:
            if of and not any(len(scene.frame(role)) for role in of):
                return
            missing = [REFERENCES[name][1] for name in references if not REFERENCES[name][0](scene)]
            if not missing:
                yield from check(scene)
            elif scene.profile is Profile.TOWNSHIP:
                yield absent(*missing)

        return guarded

    return around
