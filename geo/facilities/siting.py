"""Siting (选址): where the next facilities reach the most residents, solved to proof (maximal covering, MCLP)."""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from geo.problems import BadInput
from geo.text import Text

Floats = NDArray[np.float64]


class TooManySites(BadInput):
    code = "too-many-sites"
    title = Text("选址数量应在 1 到 {0} 之间", "The number of sites must be between 1 and {0}")


@dataclass(frozen=True, slots=True)
class Sites:
    """Chosen candidates, and what they reach besides what is reached already.

    gained: residents newly covered; bound: no choice covers more; proven: the bound is reached. greedy: the
    choice that takes the best next one each time, greedy_gained what it covers: the difference is what
    greed costs. seconds, greedy_seconds: time that each took.
    """

    chosen: tuple[int, ...]
    gained: float
    bound: float
    proven: bool
    greedy: tuple[int, ...]
    greedy_gained: float
    seconds: float
    greedy_seconds: float

    @property
    def cost_of_greed(self) -> float:
        """Residents that the greedy answer leaves out."""
        return self.gained - self.greedy_gained


def best_sites(covers: scipy.sparse.csr_array, weight: Floats, count: int, limit_s: float = 30.0) -> Sites:
    """The `count` candidates that together cover the most weight.

    covers: (candidates, points), non-zero where a candidate reaches a point that nothing reaches yet; weight:
    (points,). Points that the same candidates reach are one. Raises TooManySites.
    """
    n = covers.shape[0]
    if not 1 <= count <= n:
        raise TooManySites(n)
    begun = time.perf_counter()
    greedy = _greedy(covers.tocsr(), weight, count)
    greedy_gained = _covered(covers, weight, greedy)
    between = time.perf_counter()
    groups, sums = _grouped(covers, weight)
    chosen, bound, proven = _solve(groups, sums, n, count, greedy, limit_s)
    gained = _covered(covers, weight, chosen)
    if gained < greedy_gained:  # the time ran out before anything better was found
        chosen, gained = greedy, greedy_gained
    return Sites(
        chosen, gained, max(bound, gained), proven, greedy, greedy_gained,
        time.perf_counter() - between, between - begun,
    )  # fmt: skip


def _grouped(covers: scipy.sparse.csr_array, weight: Floats) -> tuple[list[tuple[int, ...]], Floats]:
    by_point = covers.tocsc()
    sums: dict[tuple[int, ...], float] = {}
    for point in range(by_point.shape[1]):
        reached = by_point.indices[by_point.indptr[point] : by_point.indptr[point + 1]]
        if len(reached) and weight[point] > 0:
            key = tuple(sorted(reached.tolist()))
            sums[key] = sums.get(key, 0.0) + float(weight[point])
    return list(sums), np.array(list(sums.values()))


def _solve(
    groups: list[tuple[int, ...]], sums: Floats, n: int, count: int, start: tuple[int, ...], limit_s: float
) -> tuple[tuple[int, ...], float, bool]:
    """Maximise what is covered: a group counts (y ≤ Σ x of its candidates, y ≤ 1), `count` are chosen."""
    if not groups:
        return start, 0.0, True
    m = len(groups)
    lengths = np.array([len(g) + 1 for g in groups])
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n + m, m + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.concatenate((np.zeros(n), sums))
    lp.col_lower_ = np.zeros(n + m)
    lp.col_upper_ = np.ones(n + m)
    lp.row_lower_ = np.append(np.full(m, -highspy.kHighsInf), count)
    lp.row_upper_ = np.append(np.zeros(m), count)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * n + [highspy.HighsVarType.kContinuous] * m
    index = np.concatenate(
        [np.append(n + g, np.array(sites)) for g, sites in enumerate(groups)] + [np.arange(n)]
    )
    value = np.concatenate([np.append(1.0, np.full(len(sites), -1.0)) for sites in groups] + [np.ones(n)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(np.append(lengths, n))))
    lp.a_matrix_.index_ = index
    lp.a_matrix_.value_ = value
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("log_to_console", False)
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", limit_s)
    solver.setOptionValue("mip_rel_gap", 1e-9)
    solver.setOptionValue("mip_abs_gap", 1e-6)
    solver.passModel(lp)
    first = highspy.HighsSolution()
    begin = np.zeros(n + m)
    begin[list(start)] = 1.0
    taken = set(start)
    begin[n:] = [float(any(s in taken for s in g)) for g in groups]
    first.col_value = begin.tolist()
    solver.setSolution(first)
    solver.run()
    x = np.array(solver.getSolution().col_value[:n])
    info = solver.getInfo()
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if len(x) != n or round(float(x.sum())) != count:
        return start, float(sums.sum()), False
    chosen = tuple(int(i) for i in np.flatnonzero(x > 0.5))
    return chosen, float(info.mip_dual_bound), proven


def _greedy(covers: scipy.sparse.csr_array, weight: Floats, count: int) -> tuple[int, ...]:
    left = weight.astype(np.float64).copy()
    chosen: list[int] = []
    pattern = covers.copy()
    pattern.data = np.ones_like(pattern.data, dtype=np.float64)
    for _ in range(count):
        gain = np.asarray(pattern @ left)
        gain[chosen] = -1.0
        best = int(gain.argmax())
        chosen.append(best)
        left[pattern.indices[pattern.indptr[best] : pattern.indptr[best + 1]]] = 0.0
    return tuple(sorted(chosen))


def _covered(covers: scipy.sparse.csr_array, weight: Floats, chosen: tuple[int, ...]) -> float:
    points = np.unique(covers[list(chosen)].indices)
    return float(weight[points].sum())
