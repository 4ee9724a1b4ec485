"""What a surveyor decided by hand about a file (读取选项), as JSON in the submission's row and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from geo.reading.layers import ReadOptions
from geo.terms import Profile, Role


def to_json(options: ReadOptions) -> dict[str, Any]:
    """The options as kept with a submission; what nobody decided is left out. Remembered mappings are the
    firm's and kept with it, not here."""
    answer: dict[str, Any] = {"profile": options.profile.value}
    if options.role is not None:
        answer["role"] = options.role.value
    if options.roles:
        answer["roles"] = {layer: role.value for layer, role in options.roles.items()}
    if options.crs is not None:
        answer["crs"] = options.crs
    if options.encoding is not None:
        answer["encoding"] = options.encoding
    if options.fields:
        answer["fields"] = {layer: dict(names) for layer, names in options.fields.items()}
    if options.ring is not None:
        answer["ring"] = options.ring
    if options.swapped is not None:
        answer["swapped"] = options.swapped
    return answer


def from_json(
    kept: Mapping[str, Any], remembered: Mapping[tuple[str, ...], Mapping[str, str]] | None = None
) -> ReadOptions:
    """The options behind `to_json`'s answer. Raises ValueError for an unknown profile or role."""
    return ReadOptions(
        profile=Profile(kept.get("profile", Profile.TOWNSHIP)),
        role=None if kept.get("role") is None else Role(kept["role"]),
        roles={layer: Role(role) for layer, role in kept.get("roles", {}).items()},
        crs=kept.get("crs"),
        encoding=kept.get("encoding"),
        fields=kept.get("fields", {}),
        remembered=remembered or {},
        ring=kept.get("ring"),
        swapped=kept.get("swapped"),
    )


def signature(columns: Sequence[str]) -> str:
    """What a layer is recognised by at the firm's next upload: its field names in order, as JSON."""
    return json.dumps(sorted(columns), ensure_ascii=False)


def columns_of(kept: str) -> tuple[str, ...]:
    """The field names behind a signature."""
    return tuple(json.loads(kept))
