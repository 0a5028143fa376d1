"""The built-in XGBoost algorithm: its hyperparameters, its log lines, its model file."""

from __future__ import annotations

from typing import Any

import numpy as np

from .failure import CustomerError
from .hyperparameters import validated
from .layout import MODEL
from .lean_xgboost import callback, xgboost
from .tables import read_channel
from .xgboost_hyperparameters import REQUIRED, TABLE
from .xgboost_metrics import custom_metrics, split_metrics


def train(given: dict[str, str]) -> None:
    values = validated(TABLE, given, REQUIRED)
    check_objective(values)
    weighted = values.pop("csv_weights", 0) == 1
    data = to_matrix("train", weighted)
    if data is None:
        raise CustomerError("The channel train is missing.")
    validation = to_matrix("validation", weighted)
    watched = [(data, "train")] + ([(validation, "validation")] if validation is not None else [])
    booster = boost(values, data, watched)
    MODEL.mkdir(parents=True, exist_ok=True)
    # AWS: image 3.2 saves without an ending, which is UBJSON since XGBoost 2.1.
    (MODEL / "xgboost-model").write_bytes(booster.save_raw(raw_format="ubj"))
    print(f"trained {booster.num_boosted_rounds()} rounds", flush=True)


def boost(values: dict[str, Any], data: xgboost.DMatrix, watched: list[tuple[xgboost.DMatrix, str]]) -> xgboost.Booster:
    rounds = values.pop("num_round")
    patience = values.pop("early_stopping_rounds", None)
    values.pop("_tuning_objective_metric", None)
    values.pop("save_model_on_termination", None)
    own, custom = split_metrics(values.pop("eval_metric", []))
    parameters: dict[str, Any] = {"objective": "reg:squarederror", **values}
    if own:
        parameters["eval_metric"] = own
    if custom and not own:
        parameters["disable_default_eval_metric"] = 1
    callbacks: list[Any] = [PrintMetrics()]
    if patience is not None:
        if len(watched) < 2:
            raise CustomerError("early_stopping_rounds needs a validation channel.")
        callbacks.append(callback.EarlyStopping(patience, data_name="validation", save_best=values.get("booster") != "gblinear"))
    print(f"Train matrix has {data.num_row()} rows and {data.num_col()} columns", flush=True)
    if len(watched) > 1:
        print(f"Validation matrix has {watched[1][0].num_row()} rows", flush=True)
    try:
        return xgboost.train(
            parameters,
            data,
            num_boost_round=rounds,
            evals=watched,
            verbose_eval=False,
            callbacks=callbacks,
            custom_metric=custom_metrics(custom, parameters["objective"]) if custom else None,
        )
    except xgboost.core.XGBoostError as error:
        raise CustomerError(first_sentence(str(error))) from error


class PrintMetrics(callback.TrainingCallback):
    """AWS: one line a round, its tabs as the log agent shows them: `[0]#011train-rmse:0.5#011validation-rmse:0.6`."""

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        parts = [f"{data}-{metric}:{values[-1]:.5f}" for data, metrics in evals_log.items() for metric, values in metrics.items()]
        print("#011".join([f"[{epoch}]", *parts]), flush=True)
        return False


def to_matrix(channel: str, weighted: bool) -> xgboost.DMatrix | None:
    read = read_channel(channel)
    if read is None:
        return None
    features, labels = read
    if np.isnan(labels).any():
        raise CustomerError(f"Channel {channel} has rows without a label (the first column).")
    if not weighted:
        return xgboost.DMatrix(features, label=labels)
    # AWS: with csv_weights=1 the second column holds the weights.
    return xgboost.DMatrix(features[:, 1:], label=labels, weight=features[:, 0])


def check_objective(values: dict[str, Any]) -> None:
    if values.get("objective", "").startswith("multi:") and "num_class" not in values:
        raise CustomerError("Require input for parameter 'num_class' for multi-classification")


def first_sentence(text: str) -> str:
    """XGBoost's message without its time, place in the source and stack."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("Stack trace", "  ["))]
    said = lines[0].split(": ", 1)[-1] if lines else text
    return said if len(lines) < 2 else f"{said} {' '.join(lines[1:])}"
