"""A model's scores on rows: every metric of its task, each with its standard deviation over resamples of the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import cauce_metrics as m
from cauce_features import Document
from cauce_metrics import Floats

RESAMPLES = 100
HIGHER_IS_BETTER = {"auc": True, "accuracy": True, "f1": True, "f1_macro": True, "r2": True, "logloss": False, "rmse": False, "mae": False}
Metric = Callable[[Floats, Floats], float]
# Of (truth, outputs); outputs are rows × classes, or rows × 1 for a number.
METRICS: dict[str, dict[str, Metric]] = {
    "binary": {
        "auc": lambda truth, shares: m.auc(truth, shares[:, 1]),
        "accuracy": lambda truth, shares: m.accuracy(truth, shares.argmax(axis=1)),
        "f1": lambda truth, shares: m.f1(truth, shares.argmax(axis=1).astype(np.float64)),
        "logloss": m.logloss,
    },
    "multiclass": {
        "accuracy": lambda truth, shares: m.accuracy(truth, shares.argmax(axis=1)),
        "f1_macro": lambda truth, shares: m.f1_macro(truth, shares.argmax(axis=1).astype(np.float64), shares.shape[1]),
        "logloss": m.logloss,
    },
    "regression": {
        "r2": lambda truth, values: m.r2(truth, values[:, 0]),
        "rmse": lambda truth, values: m.rmse(truth, values[:, 0]),
        "mae": lambda truth, values: m.mae(truth, values[:, 0]),
    },
}


class Scores(NamedTuple):
    outputs: Floats
    values: dict[str, float]
    deviations: dict[str, float]


def outputs_of(booster: Any, matrix: NDArray[np.float32], document: Document) -> Floats:
    """What the served model would say: probabilities of the classes, or values."""
    margins = np.asarray(booster.inplace_predict(matrix, predict_type="margin"), dtype=np.float64).reshape(len(matrix), -1)
    task = document["target"]["task"]
    if task == "regression":
        return margins
    if task == "binary":
        positive = 1 / (1 + np.exp(-margins[:, 0]))
        return np.column_stack((1 - positive, positive))
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def score(task: str, truth: Floats, outputs: Floats) -> Scores:
    values = {name: metric(truth, outputs) for name, metric in METRICS[task].items()}
    drawn = {name: np.array([metric(truth[rows], outputs[rows]) for rows in resamples(len(truth))]) for name, metric in METRICS[task].items()}
    return Scores(outputs, values, {name: float(draws.std(ddof=1)) for name, draws in drawn.items()})


def difference_deviation(task: str, name: str, truth: Floats, ours: Floats, theirs: Floats) -> float:
    """The standard deviation of our score less theirs, over resamples of the rows that both answered."""
    metric = METRICS[task][name]
    return float(np.std([metric(truth[rows], ours[rows]) - metric(truth[rows], theirs[rows]) for rows in resamples(len(truth))], ddof=1))


def resamples(rows: int) -> list[NDArray[np.int64]]:
    """Always the same draws, so that an evaluation can be repeated."""
    random = np.random.default_rng(0)
    return [random.integers(0, rows, rows) for _ in range(RESAMPLES)]
