"""Words (图面用语) of printed sheets."""

from __future__ import annotations

from geo.text import Text

LEGEND = Text("图例", "Legend")
SCALE = Text("比例尺 1∶{0}", "Scale 1:{0}")
NORTH = Text("北", "N")
APPROVAL = Text("审图号：{0}", "Map approval no.: {0}")
SOURCES = Text("资料来源：{0}", "Sources: {0}")
DATE = Text("资料截至：{0}", "Data as of {0}")
SYSTEM = Text(
    "2000国家大地坐标系，高斯-克吕格投影，中央经线 {0}°", "CGCS2000, Gauss-Krüger, central meridian {0}°E"
)
DEMO = Text("演示数据（虚构）", "Demonstration data (invented)")
LEFT_OUT = Text("因图面所限，{0} 个名称未注出", "{0} names found no room on the sheet")

#: 审图号 while none is configured: said plainly, never invented.
NO_APPROVAL = Text("待填（未经审核，不得公开）", "none yet (not reviewed, not for publication)")
