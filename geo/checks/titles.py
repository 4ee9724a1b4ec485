"""Short titles of the checks (检查项名称), for headings: from the first line of each check's own file."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from geo.text import Text

#: Findings that are met while reading have no file of their own here.
READING: dict[str, Text] = {
    "UP01": Text("文件无法打开", "not a readable file"),
    "UP02": Text("没有矢量图层", "no vector layer"),
    "UP03": Text("文件不成套", "set incomplete"),
    "UP04": Text("多个图层", "several layers"),
    "UP05": Text("压缩包套压缩包", "archive inside an archive"),
    "UP06": Text("文件名大小写或编码", "case or encoding of entry names"),
    "UP07": Text("不安全的路径", "unsafe path"),
    "UP08": Text("超出限额", "over a limit"),
    "UP09": Text("格式不受理", "format not offered"),
    "UP10": Text("忽略的附带文件", "extras ignored"),
    "UP11": Text("XML 含外部定义", "DTD or entities in XML"),
    "UP12": Text("记录数不一致", "record counts differ"),
    "UP13": Text("文件结构损坏", "structure broken"),
    "UP14": Text("带删除标记的记录", "rows flagged deleted"),
    "UP15": Text("文件长度与文件头不符", "length differs from the header"),
    "EN01": Text("编码为推断", "encoding detected, not declared"),
    "EN02": Text("声明的编码不可用", "declared encoding wrong"),
    "EN03": Text("没有合适的编码", "no encoding fits"),
    "EN04": Text("文字已损坏", "text destroyed before"),
    "EN05": Text("字段名有问题", "field names"),
    "EN06": Text("生僻字或自造字", "rare or private-use characters"),
    "CR01": Text("没有坐标系", "no reference system"),
    "CR02": Text("坐标系文件读不懂", "reference system unreadable"),
    "CR03": Text("不是 CGCS2000", "not CGCS2000"),
    "CR04": Text("没有获准的坐标转换", "no authorised transformation"),
    "CR05": Text("坐标与坐标系不符", "coordinates do not fit the system"),
    "CR06": Text("自定义坐标系", "custom system without code"),
    "CR07": Text("各图层坐标系不同", "layers differ in system"),
}

_FIRST_LINE = re.compile(r"^(?P<code>[A-Z]{2}\d{2})\s+(?P<zh>[^:：]+)[:：]\s*(?P<en>.+?)\.?$")


@cache
def titles(folder: Path = Path(__file__).parent) -> dict[str, Text]:
    """Titles by code. Files are read, not imported: a report needs no check's libraries."""
    found = dict(READING)
    for path in sorted(folder.glob("[a-z][a-z][0-9][0-9]_*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if match := _FIRST_LINE.match(docstring.split("\n", 1)[0].strip()):
            found[match["code"]] = Text(match["zh"].strip(), match["en"].strip())
    return found


def title(code: str) -> Text:
    """The title of a code; empty where there is none."""
    return titles().get(code, Text("", ""))
