"""Columns that give the target away: how well does each predict it alone?"""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from cauce_features import Document
from cauce_metrics import auc, r2

SAMPLE = 10_000
BINS = 64
SUSPICIOUS = 0.98
FAR = 0.02  # above the best column that is not suspicious
NAMES = {"binary": "auc", "multiclass": "auc", "regression": "r2"}


class Warning(TypedDict):
    code: str
    column: str
    metric: str
    score: float
    message: str


def find_leaks(matrix: NDArray[np.float32], target: NDArray[np.float64], document: Document) -> list[Warning]:
    task = document["target"]["task"]
    scores: dict[str, float] = {}
    matrix, target = matrix[:SAMPLE], target[:SAMPLE]
    for index, feature in enumerate(document["features"]):
        score = alone(matrix[:, index].astype(np.float64), target, task)
        scores[feature["field"]] = max(score, scores.get(feature["field"], 0.0))
    usual = max((score for score in scores.values() if score < SUSPICIOUS), default=0.0)
    metric, name = NAMES[task], document["target"]["name"]
    return [
        {
            "code": "leak",
            "column": column,
            "metric": metric,
            "score": round(score, 4),
            "message": f"{column} alone predicts {name} almost perfectly ({metric} {score:.3f}). If it is only known after {name}, set it aside.",
        }
        for column, score in scores.items()
        if score >= SUSPICIOUS and score >= usual + FAR
    ]


def alone(values: NDArray[np.float64], target: NDArray[np.float64], task: str) -> float:
    """Every second row is predicted by the mean of the target in its bin, over the other rows."""
    bins = to_bins(values)
    fit, judge = np.arange(len(bins)) % 2 == 0, np.arange(len(bins)) % 2 == 1
    if task != "multiclass":
        means = bin_means(bins, target, fit)[bins[judge]]
        return r2(target[judge], means) if task == "regression" else auc(target[judge], means)
    total, count = 0.0, 0
    for label in np.unique(target[judge]):
        truth = (target == label).astype(np.float64)
        if truth[judge].all():
            continue
        total += auc(truth[judge], bin_means(bins, truth, fit)[bins[judge]]) * truth[judge].sum()
        count += int(truth[judge].sum())
    return total / count if count else 0.0


def to_bins(values: NDArray[np.float64]) -> NDArray[np.intp]:
    present = values[~np.isnan(values)]
    edges = np.unique(present)
    if edges.size > BINS:
        edges = np.unique(np.quantile(present, np.arange(1, BINS) / BINS))
    return np.where(np.isnan(values), edges.size + 1, np.searchsorted(edges, values, side="right"))


def bin_means(bins: NDArray[np.intp], target: NDArray[np.float64], fit: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Means drawn a little to the mean of all, so that a bin of one row does not give itself away."""
    size = int(bins.max()) + 1
    overall = target[fit].mean()
    sums = np.bincount(bins[fit], target[fit], size)
    return (sums + overall) / (np.bincount(bins[fit], minlength=size) + 1)
