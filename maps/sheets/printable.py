"""Text for print (可印文字): what a user typed, made safe to set without changing what can be seen."""

from __future__ import annotations

import unicodedata

#: Stands for a character that has no shape: a control, a half of a surrogate pair, a mark of direction.
SHAPELESS = "\ufffd"

#: 缺字符: what Chinese printers set where the fount has no such character.
NO_GLYPH = "〓"


def printable(text: str) -> str:
    """The text on one line, every character of it visible.

    White space of any kind becomes a space. What has no shape of its own but acts on its neighbours
    (controls, NUL, marks of direction, zero-width joiners, lone surrogates, noncharacters) is shown as one
    replacement character, so that a name neither turns the line around nor hides a part of itself.
    """
    return "".join(_shown(character) for character in text).strip()


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    point = ord(character)
    if unicodedata.category(character) in ("Cc", "Cf", "Cs") or point & 0xFFFE == 0xFFFE:
        return SHAPELESS
    return SHAPELESS if 0xFDD0 <= point <= 0xFDEF else character


def points(characters: set[str]) -> str:
    """U+20000、U+2A6DF: the characters by number, in order."""
    return "、".join(f"U+{ord(c):04X}" for c in sorted(characters))
