"""Words around the public figures (公开数字), and the part that opens what a figure rests on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from markupsafe import Markup
from starlette.requests import Request

from api.doors import language
from geo.figures import public_figures
from geo.text import Text

WORDS: dict[str, Text] = {
    "title": Text("数字", "Numbers"),
    "lead": Text(
        "本区公开的主要数字。每个数字旁都有表格，并可展开算法、数据、日期和依据。",
        "The district's main public numbers. Each has its table beside it, and opens its formula, inputs, date and law.",
    ),
    "how": Text("怎么算的", "How it is worked out"),
    "formula": Text("算法", "Formula"),
    "inputs": Text("数据", "Inputs"),
    "date": Text("日期", "Date"),
    "law": Text("依据", "Law"),
    "target": Text("目标依据", "Target after"),
    "category": Text("类别", "Category"),
    "state": Text("阶段", "State"),
    "count": Text("数量", "Count"),
    "share": Text("比例", "Share"),
    "kilometres": Text("里程（千米）", "Kilometres"),
    "township": Text("镇街", "Township"),
    "elders": Text("60 岁以上老人", "Residents 60+"),
    "done": Text("完成", "Done"),
    "listed": Text("在册", "Listed"),
    "duty": Text("办理事项", "Duty"),
    "in_time": Text("按期", "In time"),
    "figure": Text("指标", "Figure"),
    "so_far": Text("完成", "So far"),
    "target_column": Text("目标", "Target"),
    "all": Text("合计", "All together"),
    "withheld": Text("人数少，不公布", "few people: withheld"),
    "names_chart": Text("各类标准地名的数量", "Standard names by category"),
    "lines_chart": Text("各阶段界线的条数", "Lines by state"),
    "coverage_chart": Text(
        "各镇街老年食堂、助餐点十五分钟覆盖率",
        "Share of residents 60+ within fifteen minutes of a canteen, by township",
    ),
    "programme_chart": Text("六个一批完成和在册的数量", "The six of the programme, done and listed"),
    "targets_chart": Text("养老年度目标完成的比例", "Targets of the year in elderly care, share reached"),
    "no_lines": Text("还没有登记的界线。", "No line is registered yet."),
    "no_names": Text("这一天没有已公开的标准地名。", "No standard name is public on this day."),
    "no_coverage": Text(
        "还没有步行路网或社区人数。", "There is no street network or no community totals yet."
    ),
    "more": Text("详细", "More"),
    "at_least": Text("不少于 {a}", "at least {a}"),
    "none": Text("尚未录入", "none entered"),
}


def words(spoken: str) -> Callable[..., str]:
    """word(key, **values) in a language."""

    def word(key: str, **values: object) -> str:
        text = WORDS[key].in_language(spoken)
        return text.format(**values) if values else text

    return word


def how(request: Request) -> Callable[..., Markup]:
    """how(code, date, target="") -> the part that opens a figure's formula, inputs, date and law."""
    spoken = language(request)
    w = words(spoken)

    def part(code: str, on: date | str | None, target: str = "") -> Markup:
        figure = public_figures()[code]
        rows = [
            (w("formula"), figure.formula.in_language(spoken)),
            (w("inputs"), Markup('{} · <a href="{}">JSON</a>').format(figure.inputs.in_language(spoken), figure.data)),
            (w("date"), on.isoformat() if isinstance(on, date) else on or "–"),
            (w("law"), figure.law.in_language(spoken)),
        ]  # fmt: skip
        if target:
            rows.append((w("target"), target))
        return Markup(
            '<details class="more figure-how" data-figure="{}"><summary>{}<span class="visually-hidden"> {}</span></summary><dl class="facts">{}</dl></details>'
        ).format(
            code, w("how"), figure.name.in_language(spoken),
            Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(k, v) for k, v in rows),
        )  # fmt: skip

    return part
