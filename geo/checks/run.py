"""Run (执行检查): every rule that is on in the scene's profile, cheap ones first, as findings."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

import geo.checks
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.findings import Catalogue, Finding, Hit, Rule
from geo.terms import Severity
from geo.text import Text

#: Run before all others, in this order: they say why rows are missing from the scene's frames.
GATE = ("GE10", "GE01", "GE07", "GE08", "GE02")

UNDONE = Text(
    "此项检查因系统内部错误没有完成，其余检查不受影响；完成之前不能验收",
    "This check did not finish because of an internal error; the others are not affected. The file cannot "
    "be accepted before it has been done",
)
UNDONE_REMEDY = Text(
    "文件不一定有错：请把文件和检查代码 {0} 交给系统管理员，系统日志里有详情",
    "The file is not necessarily wrong: give it and the code {0} to the administrator; the log has the details",
)


@cache
def discover() -> Catalogue:
    """The catalogue with every module of geo.checks imported: adding a check takes one file."""
    for module in pkgutil.iter_modules(geo.checks.__path__):
        if module.name != "run":
            importlib.import_module(f"geo.checks.{module.name}")
    return CHECKS


def run(
    scene: Scene,
    *,
    rules: Iterable[Rule] | None = None,
    strict: bool = False,
) -> list[Finding]:
    """All findings of a scene, in the contract's order (code, layer, feature).

    rules: only these, in this order; by default every rule of the catalogue that has a function.
    strict: raise what a check raises (tests). Otherwise a check that fails is logged with its
    traceback and becomes an error of its own code (a warning in profile generic): the surveyor keeps
    every other finding, and nothing unchecked is accepted. MemoryError always passes: the limits of
    the child process have their own answer (UP08).
    """
    order = ordered(discover()) if rules is None else list(rules)
    findings: list[Finding] = []
    for rule in order:
        if rule.check is None or rule.severity_in(scene.profile) is None:
            continue
        try:
            findings.extend(rule.finding(hit, scene.profile, scene.plane.place) for hit in rule.check(scene))
        except MemoryError:
            raise
        except Exception:
            if strict:
                raise
            _log(rule.code, scene.profile.value)
            undone = Hit(says=(rule.code,), text=UNDONE, remedy=UNDONE_REMEDY, severity=Severity.ERROR)
            findings.append(rule.finding(undone, scene.profile))
    return sorted(findings, key=lambda f: f.order)


def _log(code: str, profile: str) -> None:
    """The traceback for the log. Imported here: the reading process has no other use for it."""
    import structlog

    structlog.get_logger(__name__).exception("check failed", code=code, profile=profile)


def ordered(catalogue: Catalogue) -> list[Rule]:
    """The gate first, then by code."""
    rank = {code: number for number, code in enumerate(GATE)}
    return sorted(catalogue, key=lambda r: (rank.get(r.code, len(rank)), r.code))
