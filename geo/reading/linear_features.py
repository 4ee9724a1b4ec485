"""Linear features (线状地物): roads, railways and rivers that come along with boundary lines.

They are drawn as lines too, and surveyors put them beside their lines so that markers at crossings can be
looked for (MK06). Taken for boundaries they would be refused for what a road need not have: two townships,
ends that meet other ends, nothing that crosses it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from geo.boundaries.unit_names import simplified
from geo.text import Text

NAMED = Text(
    "图层名或字段说明是道路、河流等线状地物，不是界线",
    "Its name or fields speak of roads, rivers or the like, not of boundaries",
)
NEITHER = Text(
    "另有界线图层；本图层没有界线的必填字段，图层名也不是界线",
    "Another layer holds the boundaries; this one has none of their obligatory fields, nor their name",
)

#: 道路、铁路、水系 by a layer's name. A township may be called after a brook or a road (龙溪街道, 古路镇): a
#: single hanzi counts where the name ends or a word for a course follows. LRDL, LRRL and HYDL are the layers
#: of roads, railways and rivers in the national topographic database.
FEATURE = re.compile(
    r"道路|公路|铁路|马路|路网|高速|国道|省道|县道|乡道|村道|街道中心|路中心|轨道交通"
    r"|水系|水域|河流|河道|溪流|沟渠|水渠|渠道|干渠|支渠|水道"
    r"|[河溪沟渠](?=$|[\s\W_\d]|线|段|岸|中)|(?<!两)江(?=$|[\s\W_\d]|线|段|岸)"
    r"|(?<![a-z])(road|street|highway|motorway|freeway|expressway|rail|river|stream|water|creek|brook|canal|ditch)"
    r"|(?<![a-z])(daolu|gonglu|tielu|heliu|hedao|shuixi|gouqu|lrdl|lrrl|hydl)(?![a-z])",
    re.IGNORECASE,
)
#: 界线 by a layer's name: stronger than a road's or a river's in it (御临河界线).
BOUNDARY = re.compile(
    r"界线|边界|界址|分界|勘界|[乡镇街村县区]界|行政界|境界|界$|bound|border|jiexian|(^|[_\W])jx(?![a-z])",
    re.IGNORECASE,
)
#: What every boundary line has to have (AT01), by our names.
OBLIGATORY = frozenset({"code", "name", "left", "right", "level", "status"})
#: Those that no road has.
_SIDES = frozenset({"left", "right"})
#: What a field is called that speaks of a boundary.
_OF_BOUNDARY = re.compile(r"界|勘定|^线号|bound|demarc|jiexian|^jx|kanding|^kdzt$|^kjzt$", re.IGNORECASE)
#: What a field is called that speaks of a road or river (the last four as OpenStreetMap has them).
_OF_FEATURE = re.compile(
    r"^(路名|道路.*|公路.*|铁路.*|河名|河流.*|水系.*|highway|railway|waterway|fclass)$", re.IGNORECASE
)


#: What is said of such a layer (UP04).
BESIDE = Text(
    "图层 {0} 按道路、河流等线状地物处理，不作界线检查，只用来检查界线与它相交处有没有界桩",
    "Layer {0} is taken for roads, rivers or the like: it is not checked as boundaries, only for markers where "
    "boundaries cross it",
)
UNCLEAR = Text(
    "图层 {0} 不像界线（没有界线的必填字段，图层名也不是界线），未检查",
    "Layer {0} does not look like boundaries (none of their obligatory fields, nor their name) and was not checked",
)
ROLE_REMEDY = Text(
    "若它就是界线，在此处把它的用途改为“界线”后重新检查",
    "If it does hold boundaries, set its role to lines here and have the file checked again",
)


def feature(layer: str, columns: Collection[str]) -> bool:
    """Whether name or fields of a layer of lines speak of roads, railways or rivers."""
    name = simplified(layer)
    if BOUNDARY.search(name) is not None:
        return False
    return FEATURE.search(name) is not None or any(_OF_FEATURE.search(simplified(c)) for c in columns)


def boundary(layer: str, columns: Collection[str], ours: Collection[str]) -> bool:
    """Whether name or fields of a layer of lines speak of boundaries.

    ours: the fields of a boundary line that its columns stand for, by our names. Number, name, grade and
    state alone may be a road's as well.
    """
    if BOUNDARY.search(simplified(layer)) is not None or not _SIDES.isdisjoint(ours):
        return True
    if any(_OF_BOUNDARY.search(simplified(c)) for c in columns):
        return True
    return len(ours) >= 3 and not feature(layer, columns)


def not_boundary(layer: str, columns: Collection[str], ours: Collection[str], *, others: bool) -> Text | None:
    """Why a layer of lines is not taken for boundaries; None where it is.

    others: whether another layer of the upload looks like boundaries. Without one, lines that are called
    nothing in particular are the boundaries, and what they lack is said (AT01).
    """
    if boundary(layer, columns, ours):
        return None
    if feature(layer, columns):
        return NAMED
    return NEITHER if others and not ours else None
