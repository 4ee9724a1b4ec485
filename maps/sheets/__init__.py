"""Printed sheets (印制地图): vector maps from A4 to A0, drawn from the data, names placed first. No browser."""

from maps.sheets.compose import sheet
from maps.sheets.furniture import About
from maps.sheets.layers import Areas, Band, Layers, Lettering, Lines, Mark, Name, Points, Stroke
from maps.sheets.paper import ATTACHED, Paper, paper
from maps.sheets.press import pdf, png
from maps.sheets.sheet import Sheet

__all__ = [
    "ATTACHED", "About", "Areas", "Band", "Layers", "Lettering", "Lines", "Mark", "Name", "Paper", "Points", "Sheet",
    "Stroke", "paper", "pdf", "png", "sheet",
]  # fmt: skip
