"""The walking model (步行模型): speeds by who walks, slope, steps, lifts. Every number is a setting."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.settings import DATA
from geo.text import Text

Floats = NDArray[np.float64]


class Profile(StrEnum):
    """Who walks (出行方式)."""

    ELDER = "elder"
    CANE = "cane"
    WHEELCHAIR = "wheelchair"
    CARER = "carer"


PROFILES: dict[Profile, Text] = {
    Profile.ELDER: Text("老人", "Elder"),
    Profile.CANE: Text("拄拐", "With a cane"),
    Profile.WHEELCHAIR: Text("轮椅", "Wheelchair"),
    Profile.CARER: Text("照护者", "Carer"),
}


class WayKind(StrEnum):
    """What one walks on (道路类型)."""

    STREET = "street"
    PATH = "path"
    STEPS = "steps"
    ESCALATOR = "escalator"
    LIFT = "lift"


#: The kinds by their number in arrays.
KINDS = tuple(WayKind)
STREET, PATH, STEPS, ESCALATOR, LIFT = range(5)


@dataclass(frozen=True, slots=True)
class Model:
    """The numbers of the model: data/facilities/walking.csv, or the file that YUDI_WALKING_FILE names."""

    elder_speed: float
    cane_speed: float
    wheelchair_speed: float
    carer_speed: float
    slowest: float
    fastest: float
    slope_factor: float
    slope_best: float
    slope_most: float
    steps_factor: float
    steps_up: float
    steps_down: float
    wheelchair_grade: float
    escalator_speed: float
    lift_wait: float
    lift_speed: float
    snap_most: float
    component_least: float
    detour: float
    area_width: float
    minutes: float

    def speed(self, profile: Profile) -> float:
        """Flat speed (平地步速), metres a second."""
        return float(getattr(self, f"{profile}_speed"))

    def seconds(self, profile: Profile, kind: NDArray[np.int8], length: Floats, rise: Floats) -> Floats:
        """Walking time of ways in their own direction, seconds; infinite where the profile cannot go.

        kind: (n,) index into KINDS; length: (n,) horizontal metres; rise: (n,) metres, negative downhill.
        Slope and steps are never both counted: a flight of steps takes the longest of three times its flat
        time and its rise at a climber's pace. Source: Tobler's hiking function, scaled to the flat speed.
        """
        flat = self.speed(profile)
        length = np.maximum(length, 0.01)
        grade = np.clip(rise / length, -self.slope_most, self.slope_most)
        speed = flat * np.exp(self.slope_factor * (self.slope_best - np.abs(grade + self.slope_best)))
        climb = np.where(rise > 0, rise / self.steps_up, -rise / self.steps_down)
        steps = length / np.maximum(length / flat * self.steps_factor, climb)
        speed = np.where(kind == STEPS, steps, speed)
        speed = np.where(kind == ESCALATOR, self.escalator_speed, speed)
        out: Floats = length / np.clip(speed, self.slowest, self.fastest)
        out[kind == LIFT] = self.lift_wait + np.abs(rise[kind == LIFT]) / self.lift_speed
        if profile is Profile.WHEELCHAIR:
            wheels = (kind == STREET) | (kind == PATH)
            out[(kind == STEPS) | (kind == ESCALATOR)] = np.inf
            out[wheels & (np.abs(rise) > self.wheelchair_grade * length)] = np.inf
        return out

    def sentence(self, profile: Profile) -> Text:
        """The parameters as a map prints them."""
        flat = self.speed(profile)
        wheel = profile is Profile.WHEELCHAIR
        return Text(
            "步行模型：{who}平地 {flat:g} 米/秒，坡度按 Tobler 函数分上下行，{steps}，"
            "公共电梯候梯 {wait:g} 秒；范围按去程与回程中较长者计算",
            "Walking model: {who}, {flat:g} m/s on the flat, slope by Tobler's function in each direction, {steps}, "
            "lifts {wait:g} s of waiting; the longer of there and back counts",
        ).fill(
            who=PROFILES[profile],
            flat=flat,
            wait=self.lift_wait,
            steps=Text(
                f"不走梯坎和自动扶梯，坡度不超过 {self.wheelchair_grade:.1%}",
                f"no steps or escalators, no slope above {self.wheelchair_grade:.1%}",
            )
            if wheel
            else Text(
                f"梯坎为平地时间的 {self.steps_factor:g} 倍且上行每秒不超过 {self.steps_up:g} 米、"
                f"下行不超过 {self.steps_down:g} 米",
                f"steps {self.steps_factor:g} times the flat time and at most {self.steps_up:g} m of rise a second up, "
                f"{self.steps_down:g} m down",
            ),
        )


def model() -> Model:
    """The model in force (`YUDI_WALKING_FILE`, default data/facilities/walking.csv)."""
    given = os.environ.get("YUDI_WALKING_FILE")
    return _read(Path(given) if given else DATA / "facilities" / "walking.csv")


@cache
def _read(path: Path) -> Model:
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["key"]: float(row["value"]) for row in csv.DictReader(file)}
    names = {f.name for f in fields(Model)}
    if wrong := set(rows) ^ names:
        raise ValueError(f"unknown or missing rows in {path.name}: {sorted(wrong)}")
    return Model(**rows)
