"""What is looked for on a page: what axe finds, what runs out of it, what is too small for the elder version."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from geo.settings import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

#: Everything that axe knows, and 24 px for targets, which it leaves out by itself. A row that its scrolled list cuts
#: off is measured by axe as if it lay under what follows the list.
EVERYTHING = """async (parts) => {
  const cut = (node) => {
    const e = document.querySelector(node.target[0]), box = e.getBoundingClientRect();
    for (let p = e.parentElement; p; p = p.parentElement) {
      const edge = p.getBoundingClientRect();
      if (getComputedStyle(p).overflowY !== "visible" && (box.bottom > edge.bottom + 1 || box.top < edge.top - 1)) return true;
    }
    return false;
  };
  const where = parts.length ? {include: parts.map((part) => [part])} : document;
  const found = await axe.run(where, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}});
  return found.violations.flatMap((v) => v.nodes.filter((n) => v.id !== "target-size" || !cut(n)).slice(0, 3).map((n) =>
    `axe ${v.id}: ${n.html.slice(0, 150)} · ${n.any.concat(n.all, n.none).map((c) => c.message).join(" ").slice(0, 120)}`));
}"""
#: What reaches over the right edge.
WIDE = """() => {
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over <= 0) return [];
  const inside = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      const style = getComputedStyle(p);
      if (style.display !== "contents" && style.overflowX !== "visible") return true;
    }
    return false;
  };
  const who = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !inside(e));
  return [`${over} px too wide: ` + who.slice(0, 4).map((e) => e.outerHTML.slice(0, 100)).join(" | ")];
}"""

#: On a phone a thumb has to meet a control: lower than 44 px.
LOW = """() => [...document.querySelectorAll("button, summary, select, nav a, .button, input:not([type=hidden])")]
  .filter((e) => e.checkVisibility() && !e.matches(".drop-input, [type=checkbox], [type=radio]"))
  .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < 43.5).slice(0, 4).map((e) => `low: ${e.join(" ")}`)"""

#: 长辈版, in CSS pixels: text of 18 pt, targets of 60 px.
SMALL_TEXT = """() => [...document.querySelectorAll("body *")].filter((e) => {
  if (e.closest("svg, .map, [hidden], .visually-hidden, script, style, option, noscript") || !e.getClientRects().length) return false;
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  return own && parseFloat(getComputedStyle(e).fontSize) < 24;
}).map((e) => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 30))"""

SMALL_TARGETS = """() => [...document.querySelectorAll("button, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea, summary, .nav a, .tool, .button, .doors a, .row")].filter((e) => {
  if (e.closest("[hidden], .visually-hidden") || e.classList.contains("skip") || !e.getClientRects().length) return false;
  return e.getBoundingClientRect().height < 59.5;
}).map((e) => e.tagName + "." + e.className + ": " + e.getBoundingClientRect().height)"""


@cache
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; ./yudi test installs it")
    return AXE.read_text(encoding="utf-8")


def violations(page: Any, *parts: str) -> list[str]:
    """What axe finds on the page, or in parts of it, by rule."""
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())
    return list(page.evaluate(EVERYTHING, list(parts)))


def fits(page: Any) -> bool:
    """Whether nothing has to be pushed sideways. A page has no widths before its style sheets are there: what is
    on it can be found earlier."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
