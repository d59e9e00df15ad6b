"""HiGHS, told in whole figures: one linear or integer programme over choices of 0 and 1."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from sharecare.errors import Refusal
from sharecare.matching.assign_rows import Rows

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# HiGHS may call a row kept that is broken by this much; the default of 1e-6 would be worth 1,000 billionths of score.
_FEASIBLE = 1e-9
# Totals are whole numbers: a plan within less than one of the bound is the best.
_WHOLE_GAP = 0.5
_LEAST_TIME_S = 0.01


class SolverMissing(Refusal):
    """HiGHS is an extra that isn't installed here."""

    status = 503
    ja = "まとめて割り当てるには、ソルバーHiGHSが必要です。pip install 'sharecare[solver]' で入れてください。"
    en = "Assigning many requests at once needs the HiGHS solver. Install it: pip install 'sharecare[solver]'"


@dataclass(frozen=True, slots=True)
class Answer:
    """What HiGHS found: the choices if any, the price of each row, and what no choice can be worth more than."""

    choice: Floats | None
    prices: Floats
    bound: float
    finished: bool


def require_solver() -> Any:  # noqa: ANN401  -- highspy is published without types
    """Give the highspy module.

    Raises:
        SolverMissing: it isn't installed.

    """
    try:
        return import_module("highspy")
    except ImportError:
        raise SolverMissing from None


def maximise(
    worth: Floats, rows: Rows, least: Floats, *, whole: bool, seconds: float, start: Floats | None = None
) -> Answer:
    """Choose columns between 0 and 1 of the highest total worth, each row between its `least` and `rows.most`.

    `bound` is -inf if no choice keeps the rows, +inf if time was out before anything was known.
    """
    highspy = require_solver()
    highs = highspy.Highs()
    options: dict[str, object] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 1,
        "time_limit": max(seconds, _LEAST_TIME_S),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": _WHOLE_GAP,
        "mip_feasibility_tolerance": _FEASIBLE,
        "primal_feasibility_tolerance": _FEASIBLE,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(_model(highspy, worth, rows, least, whole=whole))
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start
        highs.setSolution(solution)
    highs.run()
    return _answer(highspy, highs, len(rows), whole=whole)


def _model(highspy: Any, worth: Floats, rows: Rows, least: Floats, *, whole: bool) -> Any:  # noqa: ANN401  -- see above
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(worth), len(rows)
    lp.sense_ = highspy.ObjSense.kMinimize
    lp.col_cost_ = -worth
    lp.col_lower_, lp.col_upper_ = np.zeros(len(worth)), np.ones(len(worth))
    lp.row_lower_, lp.row_upper_ = least, rows.most.astype(np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = rows.start
    lp.a_matrix_.index_ = rows.column
    lp.a_matrix_.value_ = rows.factor.astype(np.float64).repeat(np.diff(rows.start))
    if whole:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(worth)
    return lp


def _answer(highspy: Any, highs: Any, rows: int, *, whole: bool) -> Answer:  # noqa: ANN401  -- see above
    status, info, solution = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
    none = np.zeros(rows)
    if status in {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}:
        return Answer(None, none, -np.inf, finished=True)
    finished = status == highspy.HighsModelStatus.kOptimal
    feasible = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    choice = np.array(solution.col_value) if finished or feasible else None
    if whole:
        return Answer(choice, none, -info.mip_dual_bound, finished)
    prices = -np.array(solution.row_dual) if finished else none
    return Answer(choice, prices, -info.objective_function_value if finished else np.inf, finished)
