"""Names that would do harm where they are taken for markup, script, template, formula or direction. Every map, list,
tooltip, document, feed and file must show them as the text that they are."""

from __future__ import annotations

from typing import Any

#: What a template or a spreadsheet would make of the arithmetic below: it must never be seen.
WORKED_OUT = "62377963"

HOSTILE = (
    "</script><script>evil()</script>",
    "<x-evil onclick=evil()>坝</x-evil>",
    "<img src=x onerror=evil()>",
    "`${7919*7877}`",
    "{{ 7919*7877 }}{% x",
    "{{ cycler.__init__.__globals__.os.popen(dict(id=1)|first).read() }}",
    "\u202e弯倒\u2066头转\u200f",
    "'\"><b>镇（东）",
    "]]>&amp;&#60;<!--",
    "=7919*7877",
    "\\`\\u003cscript>",
)


def harm(page: Any) -> list[str]:
    """Elements and attributes of a parsed page that only a name taken for markup could have made."""
    found = page.xpath("//x-evil | //img[@src='x'] | //main//b | //*[@onerror or @onclick or @onload]")
    scripts = page.xpath(
        "//script[not(@nonce) and not(@type='application/json') and not(@type='application/ld+json')]"
    )
    return [f"<{e.tag}> {dict(e.attrib)}" for e in [*found, *scripts]]
