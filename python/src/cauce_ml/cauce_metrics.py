"""Metrics in numpy; scikit-learn takes 1.5 s to import. python/tests/test_metrics.py compares them with scikit-learn's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def auc(truth: Floats, score: Floats) -> float:
    """Area under the ROC curve by ranks, equals counted half; 0.5 when only one class is there."""
    values, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    del values
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    positives = float(truth.sum())
    negatives = len(truth) - positives
    if positives == 0 or negatives == 0:
        return 0.5
    return float((ranks[truth == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def r2(truth: Floats, predicted: Floats) -> float:
    spread = float(((truth - truth.mean()) ** 2).sum())
    left = float(((truth - predicted) ** 2).sum())
    return 1 - left / spread if spread > 0 else float(left == 0)


def rmse(truth: Floats, predicted: Floats) -> float:
    return float(np.sqrt(((truth - predicted) ** 2).mean()))


def mae(truth: Floats, predicted: Floats) -> float:
    return float(np.abs(truth - predicted).mean())


def accuracy(truth: Floats, predicted: Floats) -> float:
    return float((truth == predicted).mean())


def logloss(truth: Floats, shares: Floats) -> float:
    """`shares` is rows × classes; clipped, so that it is always finite."""
    chosen = shares[np.arange(len(truth)), truth.astype(np.intp)]
    return float(-np.log(np.clip(chosen, 1e-15, 1)).mean())


def confusion(truth: Floats, predicted: Floats, classes: int) -> NDArray[np.int64]:
    """Rows are the truth, columns what was predicted."""
    return np.bincount((truth * classes + predicted).astype(np.intp), minlength=classes * classes).reshape(classes, classes)


def precision_recall_f1(matrix: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Of each class; 0 where there is nothing to divide by."""
    hits = np.diag(matrix).astype(np.float64)
    predicted, actual = matrix.sum(axis=0), matrix.sum(axis=1)
    return hits / np.maximum(predicted, 1), hits / np.maximum(actual, 1), 2 * hits / np.maximum(predicted + actual, 1)


def f1(truth: Floats, predicted: Floats) -> float:
    """Of the positive class, 1."""
    return float(precision_recall_f1(confusion(truth, predicted, 2))[2][1])


def f1_macro(truth: Floats, predicted: Floats, classes: int) -> float:
    """The mean over the classes that occur, in the truth or in the predictions."""
    matrix = confusion(truth, predicted, classes)
    occurs = (matrix.sum(axis=0) + matrix.sum(axis=1)) > 0
    return float(precision_recall_f1(matrix)[2][occurs].mean())
