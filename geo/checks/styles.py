"""Styles of findings for QGIS: one QML a geometry type, categories by severity, labels with the code."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from geo.terms import Severity
from geo.text import Text


@dataclass(frozen=True, slots=True)
class Look:
    """How a severity looks: not by colour alone, the shape differs as well."""

    label: Text
    colour: tuple[int, int, int]
    marker: str
    dash: str


SEVERITIES: dict[str, Look] = {
    Severity.ERROR.value: Look(Text("错误", "error"), (178, 24, 43), "diamond", "solid"),
    Severity.WARNING.value: Look(Text("警告", "warning"), (200, 110, 0), "triangle", "solid"),
    Severity.INFO.value: Look(Text("提示", "information"), (33, 102, 172), "circle", "dash"),
}

MAP_TIP = (
    '<p><b>[% "code" %] [% "title" %]</b> ([% "severity_zh" %])</p>'
    '<p>[% "message" %]</p><p>[% "remedy" %]</p><p>[% "layer" %]: [% "ids" %]</p>'
)


def qml(geometry_type: str) -> str:
    """The style of a layer of MultiPoint, MultiLineString or MultiPolygon. Raises KeyError on another.

    Symbol properties are written twice, as `Option` (QGIS 3.18 and later) and as `prop` (before).
    """
    kind = {"MultiPoint": "marker", "MultiLineString": "line", "MultiPolygon": "fill"}[geometry_type]
    categories = "".join(
        f'<category render="true" value={quoteattr(value)} symbol="{i}" '
        f"label={quoteattr(f'{look.label.zh} {look.label.en}')}/>"
        for i, (value, look) in enumerate(SEVERITIES.items())
    )
    symbols = "".join(
        f'<symbol type="{kind}" name="{i}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f"{_symbol_layer(kind, look)}</symbol>"
        for i, look in enumerate(SEVERITIES.values())
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22.0" styleCategories="Symbology|Labeling|MapTips" labelsEnabled="1">'
        '<renderer-v2 type="categorizedSymbol" attr="severity" symbollevels="0" enableorderby="0" '
        f'forceraster="0"><categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>'
        '<labeling type="simple"><settings calloutType="simple">'
        '<text-style fieldName="code" isExpression="0" fontFamily="sans-serif" fontSize="9" '
        'fontSizeUnit="Point" textColor="40,40,40,255" fontWeight="75" namedStyle="Bold">'
        '<text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" '
        'bufferColor="255,255,255,255" bufferOpacity="1"/></text-style>'
        f'<placement placement="{_PLACEMENT[kind]}" dist="1.5" distUnits="MM"/>'
        '<rendering obstacle="1" drawLabels="1" scaleVisibility="0"/></settings></labeling>'
        f'<mapTip enabled="1">{escape(MAP_TIP)}</mapTip></qgis>'
    )


#: QGIS placement modes: around a point, along a line, over a polygon's centre.
_PLACEMENT = {"marker": 6, "line": 2, "fill": 1}


def _symbol_layer(kind: str, look: Look) -> str:
    solid = ",".join(map(str, (*look.colour, 255)))
    if kind == "marker":
        properties = {
            "name": look.marker, "color": solid, "outline_color": "255,255,255,255", "outline_width": "0.3",
            "outline_width_unit": "MM", "size": "3.6", "size_unit": "MM",
        }  # fmt: skip
        name = "SimpleMarker"
    elif kind == "line":
        properties = {
            "line_color": solid, "line_style": look.dash, "line_width": "0.9", "line_width_unit": "MM",
            "capstyle": "round", "joinstyle": "round",
        }  # fmt: skip
        name = "SimpleLine"
    else:
        properties = {
            "color": ",".join(map(str, (*look.colour, 70))), "style": "solid", "outline_color": solid,
            "outline_style": look.dash, "outline_width": "0.6", "outline_width_unit": "MM",
        }  # fmt: skip
        name = "SimpleFill"
    options = "".join(f'<Option type="QString" name="{k}" value="{v}"/>' for k, v in properties.items())
    older = "".join(f'<prop k="{k}" v="{v}"/>' for k, v in properties.items())
    return (
        f'<layer class="{name}" enabled="1" locked="0" pass="0"><Option type="Map">{options}</Option>'
        f"{older}</layer>"
    )
