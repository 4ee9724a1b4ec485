"""Printed sheets (印制地图): vector maps from A4 to A0, drawn from the data, names placed first. No browser."""

from maps.sheets.sheet import Sheet

__all__ = ["Sheet"]
