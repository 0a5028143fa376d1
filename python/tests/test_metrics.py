"""Our metrics against scikit-learn's, on random labels with ties, rare and absent classes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

import cauce_metrics as m
from cauce_quality import roc


@pytest.mark.parametrize("seed", range(5))
def test_binary(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = (random.random(300) < 0.2).astype(np.float64)
    score = np.round(random.random(300) * 0.6 + truth * 0.3, 1 + seed)
    predicted = (score > 0.5).astype(np.float64)
    shares = np.column_stack((1 - score, score))
    assert m.auc(truth, score) == pytest.approx(sk.roc_auc_score(truth, score))
    assert m.accuracy(truth, predicted) == pytest.approx(sk.accuracy_score(truth, predicted))
    assert m.f1(truth, predicted) == pytest.approx(sk.f1_score(truth, predicted))
    assert m.logloss(truth, np.clip(shares, 1e-6, 1)) == pytest.approx(sk.log_loss(truth, np.clip(score, 1e-6, 1 - 1e-6)), rel=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_multiclass(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.choice(4, 200, p=[0.6, 0.3, 0.1, 0]).astype(np.float64)
    predicted = random.choice(4, 200, p=[0.5, 0.4, 0, 0.1]).astype(np.float64)
    assert m.f1_macro(truth, predicted, 4) == pytest.approx(sk.f1_score(truth, predicted, average="macro"))
    assert (m.confusion(truth, predicted, 4) == sk.confusion_matrix(truth, predicted, labels=range(4))).all()


def test_regression() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(100, 20, 500)
    predicted = truth + random.normal(0, 5, 500)
    assert m.r2(truth, predicted) == pytest.approx(sk.r2_score(truth, predicted))
    assert m.rmse(truth, predicted) == pytest.approx(sk.root_mean_squared_error(truth, predicted))
    assert m.mae(truth, predicted) == pytest.approx(sk.mean_absolute_error(truth, predicted))


def test_are_finite_where_nothing_can_be_said() -> None:
    ones = np.ones(5)
    assert m.auc(ones, np.arange(5.0)) == 0.5
    assert m.r2(ones, ones) == 1
    assert m.r2(ones, ones + 1) == 0
    assert np.isfinite(m.logloss(np.ones(2), np.array([[1.0, 0.0], [1.0, 0.0]])))
    assert m.f1(np.zeros(3), np.zeros(3)) == 0


def test_roc_is_the_same_curve() -> None:
    random = np.random.default_rng(1)
    truth = (random.random(80) < 0.4).astype(np.float64)
    score = np.round(random.random(80), 2)
    curve = roc(truth, score)
    false, true, _ = sk.roc_curve(truth, score, drop_intermediate=False)
    assert curve["false_positive_rates"] == pytest.approx(false, abs=1e-6)
    assert curve["true_positive_rates"] == pytest.approx(true, abs=1e-6)
