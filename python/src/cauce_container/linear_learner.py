"""The built-in linear learner, by scikit-learn: the same kinds of models and answers, another way to find the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from .failure import CustomerError
from .hyperparameters import Check, automatic, integer, number, one_of, plain, truth, validated
from .linear_model import LinearModel, sigmoid
from .tables import read_channel

SOLVED = (
    "epochs mini_batch_size learning_rate optimizer momentum beta_1 beta_2 lr_scheduler_step lr_scheduler_factor lr_scheduler_minimum_lr "
    "num_models num_calibration_samples init_method init_scale init_sigma init_bias bias_lr_mult bias_wd_mult early_stopping_patience "
    "early_stopping_tolerance unbias_data unbias_label use_lr_scheduler"
).split()
CRITERIA = "accuracy f_beta precision_at_target_recall recall_at_target_precision loss_function".split()

# AWS: docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters
TABLE: dict[str, Check] = {
    "predictor_type": one_of("binary_classifier", "multiclass_classifier", "regressor"),
    "feature_dim": automatic(integer(1)),
    "num_classes": integer(3, 1_000_000),
    "loss": one_of(
        "auto",
        "logistic",
        "hinge_loss",
        "softmax_loss",
        "squared_loss",
        "absolute_loss",
        "huber_loss",
        "eps_insensitive_squared_loss",
        "eps_insensitive_absolute_loss",
        "quantile_loss",
    ),
    "wd": automatic(number(0)),
    "l1": automatic(number(0)),
    "use_bias": truth,
    "normalize_data": automatic(truth),
    "normalize_label": automatic(truth),
    "positive_example_weight_mult": plain,
    "balance_multiclass_weights": truth,
    "binary_classifier_model_selection_criteria": one_of(*CRITERIA),
    "huber_delta": number(0),
    "quantile": number(0, 1),
    "loss_insensitivity": number(0),
    **dict.fromkeys([*SOLVED, "f_beta", "target_recall", "target_precision", "margin", "accuracy_top_k"], plain),
}


def train(given: dict[str, str]) -> None:
    values = validated(TABLE, given, ("predictor_type",))
    predictor = values["predictor_type"]
    if predictor == "multiclass_classifier" and "num_classes" not in values:
        raise CustomerError("Missing required hyperparameter: num_classes (predictor_type is multiclass_classifier)")
    without = [name for name in given if name in SOLVED]
    if without:
        print(f"These hyperparameters of the optimizer have no effect here: {', '.join(sorted(without))}", flush=True)
    features, labels = read("train", values)
    check_labels(predictor, labels, values)
    model = fit(predictor, scaled(features, values), labels, values)
    model.write()
    report(model, "train", features, labels)
    if (validation := read_or_none("validation", values)) is not None:
        report(model, "validation", *validation)


def read(channel: str, values: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    found = read_or_none(channel, values)
    if found is None:
        raise CustomerError(f"The channel {channel} is missing.")
    return found


def read_or_none(channel: str, values: dict[str, Any]) -> tuple[np.ndarray, np.ndarray] | None:
    found = read_channel(channel)
    if found is None:
        return None
    features, labels = found
    features = np.asarray(features.todense() if hasattr(features, "todense") else features, dtype=np.float64)
    labels = np.asarray(labels, dtype=np.float64)
    if not (np.isfinite(features).all() and np.isfinite(labels).all()):
        raise CustomerError(f"Channel {channel} has missing or infinite values, which a linear model cannot take.")
    wanted = values.get("feature_dim")
    if wanted is not None and wanted != features.shape[1]:
        raise CustomerError(f"The feature dimension {features.shape[1]} of channel {channel} does not match feature_dim {wanted}.")
    return features, labels


def check_labels(predictor: str, labels: np.ndarray, values: dict[str, Any]) -> None:
    found = set(np.unique(labels).tolist())
    if predictor == "binary_classifier" and found != {0.0, 1.0}:
        raise CustomerError(f"The labels of a binary_classifier must be 0 and 1; found {sorted(found)[:5]}.")
    if predictor == "multiclass_classifier" and not found <= set(map(float, range(values["num_classes"]))):
        raise CustomerError(f"The labels of a multiclass_classifier must be 0 to num_classes - 1; found {sorted(found)[:5]}.")


class Scaled:
    """Features as the solver sees them: around 0, of size 1. The weights are brought back afterwards."""

    def __init__(self, features: np.ndarray, normalize: bool) -> None:
        self.mean = features.mean(axis=0) if normalize else np.zeros(features.shape[1])
        spread = features.std(axis=0) if normalize else np.ones(features.shape[1])
        self.spread = np.where(spread > 0, spread, 1.0)
        self.features = (features - self.mean) / self.spread

    def back(self, weights: np.ndarray, bias: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        restored = np.atleast_2d(weights) / self.spread
        return restored, np.atleast_1d(bias) - restored @ self.mean


def scaled(features: np.ndarray, values: dict[str, Any]) -> Scaled:
    # AWS: auto normalizes the features.
    return Scaled(features, values.get("normalize_data") is not False)


def fit(predictor: str, data: Scaled, labels: np.ndarray, values: dict[str, Any]) -> LinearModel:
    if predictor == "regressor":
        return fit_regressor(data, labels, values)
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    rows = len(labels)
    decay = (values.get("wd") or 0.0) + (values.get("l1") or 0.0)
    # The library's C is the inverse of the decay of the whole, ours is per row; with none, the least that keeps separable data finite.
    strength = 1 / (rows * max(decay, 1e-6))
    hinge = values.get("loss") == "hinge_loss"
    options: dict[str, Any] = {"C": strength, "fit_intercept": values.get("use_bias", True), "class_weight": class_weight(values), "max_iter": 1000}
    solver = LinearSVC(**options) if hinge else LogisticRegression(**options)
    solver.fit(data.features, labels.astype(int))
    weights, bias = data.back(solver.coef_, solver.intercept_)
    if predictor == "multiclass_classifier":
        weights, bias = all_classes(weights, bias, solver.classes_, values["num_classes"])
        return LinearModel(predictor, weights, bias)
    return LinearModel(predictor, weights, bias, 0.0 if hinge else 0.5, not hinge)


def class_weight(values: dict[str, Any]) -> Any:
    given = values.get("positive_example_weight_mult")
    if given == "balanced" or values.get("balance_multiclass_weights"):
        return "balanced"
    if given in (None, "auto"):
        return None
    return {0: 1.0, 1: number(1e-5, 1e5)("positive_example_weight_mult", given)}


def all_classes(weights: np.ndarray, bias: np.ndarray, found: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two classes of the training part give one row; a class that it lacks is never the answer."""
    if len(weights) == 1:
        weights, bias = np.vstack([np.zeros_like(weights), weights]), np.concatenate([[0.0], bias])
    every, offsets = np.zeros((count, weights.shape[1])), np.full(count, -1e9)
    every[found], offsets[found] = weights, bias
    return every, offsets


def fit_regressor(data: Scaled, labels: np.ndarray, values: dict[str, Any]) -> LinearModel:
    from sklearn.linear_model import ElasticNet, HuberRegressor, LinearRegression, QuantileRegressor, Ridge

    l1, l2 = values.get("l1") or 0.0, values.get("wd") or 0.0
    bias = values.get("use_bias", True)
    loss = values.get("loss", "auto")
    if loss in ("absolute_loss", "eps_insensitive_absolute_loss", "quantile_loss"):
        solver: Any = QuantileRegressor(quantile=values.get("quantile", 0.5) if loss == "quantile_loss" else 0.5, alpha=l1, fit_intercept=bias)
    elif loss == "huber_loss":
        solver = HuberRegressor(alpha=l2, epsilon=max(1.0, values.get("huber_delta", 1.35)), fit_intercept=bias, max_iter=1000)
    elif l1 > 0:
        solver = ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), fit_intercept=bias)
    elif l2 > 0:
        solver = Ridge(alpha=l2 * len(labels), fit_intercept=bias)
    else:
        solver = LinearRegression(fit_intercept=bias)
    solver.fit(data.features, labels)
    weights, offset = data.back(np.asarray(solver.coef_), np.asarray(solver.intercept_))
    return LinearModel("regressor", weights, offset)


def report(model: LinearModel, channel: str, features: np.ndarray, labels: np.ndarray) -> None:
    """AWS: the quality metrics of the image's log, from which its job metrics are read."""
    margins = features @ model.weights.T + model.bias
    if model.predictor_type == "regressor":
        errors = margins[:, 0] - labels
        lines = {
            "objective_loss": (np.square(errors).mean(), "loss"),
            "mse": (np.square(errors).mean(), "loss"),
            "absolute_loss": (np.abs(errors).mean(), "loss"),
        }
    else:
        predicted = np.array([one["predicted_label"] for one in model.predict(features)])
        kind = "binary_classification_accuracy" if model.predictor_type == "binary_classifier" else "multiclass_accuracy"
        lines = {"objective_loss": (loss_of(model, margins, labels), "loss"), kind: (np.mean(predicted == labels), "score")}
    for name, (value, unit) in lines.items():
        print(f"#quality_metric: host=algo-1, {channel} {name} <{unit}>={float(value):.6f}", flush=True)


def loss_of(model: LinearModel, margins: np.ndarray, labels: np.ndarray) -> float:
    if model.predictor_type == "multiclass_classifier":
        top = margins.max(axis=1, keepdims=True)
        logs = margins - top - np.log(np.exp(margins - top).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(len(labels)), labels.astype(int)].mean())
    if not model.probability:
        return float(np.maximum(0, 1 - (2 * labels - 1) * margins[:, 0]).mean())
    likely = np.where(labels == 1, sigmoid(margins[:, 0]), 1 - sigmoid(margins[:, 0]))
    return float(-np.log(np.clip(likely, 1e-15, 1)).mean())
