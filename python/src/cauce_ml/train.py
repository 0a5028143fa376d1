"""Train: XGBoost with early stopping on the validation part, then once more on all rows but the test part."""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

import cauce_xgboost
from cauce_features import Document, load
from cauce_step import StepError, closest, path, read_json, run, write_json

xgboost = cauce_xgboost.load()

PARAMETERS: dict[str, float | int] = {
    "eta": 0.08,
    "max_depth": 7,
    "min_child_weight": 3,
    "subsample": 0.9,
    "colsample_bytree": 0.8,
    "lambda": 1,
    "alpha": 0,
    "gamma": 0,
    "max_cat_to_onehot": 8,
    "max_bin": 256,
}
OTHERS = {"rounds": "", "early_stopping_rounds": "50", "seed": "0", "nthread": "", "refit": "", "mask_weight": "0.02"}
# The first metric is shown, the last one stops: AUC of a small validation part jumps about, so that its best round is often chance.
OBJECTIVES: dict[str, tuple[str, list[str]]] = {
    "binary": ("binary:logistic", ["auc", "logloss"]),
    "multiclass": ("multi:softprob", ["mlogloss"]),
    "regression": ("reg:squarederror", ["rmse"]),
}
FEW_CELLS = 200_000
# A table this large has rows enough without those of the validation part, and no use for a thousand small steps.
MANY_CELLS, LARGE_STEP = 5_000_000, 0.2
# XGBoost weighs a row by p(1 − p), which is small where there are many classes: 3 would ask for dozens of rows in every leaf.
CLASSES_WEIGHT = 0.1
MOST_ROUNDS, LEAST_ROUNDS, MOST_TREES = 1000, 100, 5000
MOST_MASKED = 20_000
# A column that misses this share of its values shows by itself what that means.
OWN_GROUND = 0.05
SERVED = (
    *("inference.py", "cauce_dates.py", "cauce_features.py", "cauce_request.py", "cauce_units.py", "cauce_xgboost.py"),
    *("_build.py", "pyproject.toml"),
)


class Rows(NamedTuple):
    """The target first, then the features."""

    values: NDArray[np.float32]
    weights: NDArray[np.float32] | None


class Options(dict[str, str]):
    """Hyperparameters: all of them are text."""

    def whole(self, name: str, least: int) -> int:
        try:
            value = int(self[name])
        except ValueError:
            raise StepError(f'The hyperparameter {name} must be a whole number, but it is "{self[name]}".') from None
        if value < least:
            raise StepError(f"The hyperparameter {name} must be at least {least}, but it is {value}.")
        return value

    def share(self, name: str) -> float:
        try:
            value = float(self[name])
        except ValueError:
            raise StepError(f'The hyperparameter {name} must be a number, but it is "{self[name]}".') from None
        if not 0 <= value <= 1:
            raise StepError(f"The hyperparameter {name} must be between 0 and 1, but it is {value:g}.")
        return value


def train() -> None:
    started = time.perf_counter()
    options = read_options()
    document = load(path("input", "data", "features", "features.json"))
    parts = {name: read_part(name) for name in ("train", "validation")}
    params = parameters(options, document, parts["train"].size)
    booster, rounds, score = fit(params, options, document, parts)
    metric = params["eval_metric"][0]
    if refits(options, parts["train"].size):
        both = np.concatenate([parts["train"], parts["validation"]])
        # More rows carry more rounds, in the same measure.
        rounds = round(rounds * len(both) / len(parts["train"]))
        booster = xgboost.train(params, matrix(masked(both, options), document, params), num_boost_round=rounds)
    save(booster)
    # XGBoost's AUC is not a number when the validation part has one class only.
    known = score if math.isfinite(score) else None
    seconds = round(time.perf_counter() - started, 3)
    write_json(path("output", "data", "training.json"), {"version": 1, "rounds": rounds, "metric": metric, "validation": known, "seconds": seconds})
    print(f"trained {rounds} rounds, validation-{metric}:{score:.5g}")


def refits(options: Options, cells: int) -> bool:
    return options["refit"].lower() == "true" if options["refit"] else cells < MANY_CELLS


def read_options() -> Options:
    place = path("input", "config", "hyperparameters.json")
    given = read_json(place) if os.path.exists(place) else {}
    given = {name: str(json.loads(value)) if quoted(value) else str(value) for name, value in given.items() if not name.startswith("sagemaker_")}
    known = [*OTHERS, *PARAMETERS]
    for name in given:
        if name not in known:
            raise StepError(f'"{name}" is not a hyperparameter of this training. {closest(name, known)}')
    return Options({**OTHERS, **given})


def quoted(value: object) -> bool:
    """The SageMaker Python SDK sends text inside JSON quotes."""
    return isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"'


def read_part(name: str) -> NDArray[np.float32]:
    place = path("input", "data", name, f"{name}.npy")
    try:
        return cast("NDArray[np.float32]", np.load(place, allow_pickle=False))
    except FileNotFoundError:
        raise StepError(f"{place} is missing. The channel {name} must hold what prepare.py wrote.") from None


def parameters(options: Options, document: Document, cells: int) -> dict[str, Any]:
    target = document["target"]
    objective, metrics = OBJECTIVES[target["task"]]
    params: dict[str, Any] = {
        **PARAMETERS,
        "objective": objective,
        "eval_metric": metrics,
        "tree_method": "hist",
        "seed": options.whole("seed", 0),
        "nthread": options.whole("nthread", 1) if options["nthread"] else threads(cells),
    }
    if cells >= MANY_CELLS:
        params["eta"] = LARGE_STEP
    if target["task"] == "multiclass":
        params |= {"num_class": len(target.get("classes", [])), "min_child_weight": CLASSES_WEIGHT}
    for name in PARAMETERS:
        if name in options:
            try:
                params[name] = float(options[name])
            except ValueError:
                raise StepError(f'The hyperparameter {name} must be a number, but it is "{options[name]}".') from None
            params[name] = int(params[name]) if params[name].is_integer() else params[name]
    return params


def threads(cells: int) -> int:
    """A small table is quicker with one thread than with the work of sharing it."""
    if cells < FEW_CELLS:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def masked(rows: NDArray[np.float32], options: Options) -> Rows:
    """The rows, and once more, light, with cells left out of them: of each a share of its own, from none to all.

    Where no training row misses a value, XGBoost has no ground for the side that a missing one goes to, and a caller who leaves a field out gets an
    answer at random, said with great certainty. Light copies are ground enough. A column that has missing values of its own keeps what they tell.
    """
    weight = options.share("mask_weight")
    if weight == 0:
        return Rows(rows, None)
    random = np.random.default_rng(options.whole("seed", 0))
    copies = rows if len(rows) <= MOST_MASKED else rows[np.sort(random.choice(len(rows), MOST_MASKED, replace=False))]
    gone = random.random((len(copies), rows.shape[1] - 1)) < random.random((len(copies), 1))
    gone &= np.isnan(rows[:, 1:]).mean(axis=0) < OWN_GROUND
    copies = np.column_stack((copies[:, :1], np.where(gone, np.float32(np.nan), copies[:, 1:])))
    weights = np.repeat(np.array([1, weight], dtype=np.float32), [len(rows), len(copies)])
    return Rows(np.concatenate([rows, copies]), weights)


def matrix(rows: Rows, document: Document, params: dict[str, Any], like: Any = None) -> Any:
    kinds = ["c" if feature["encoding"] == "category" else "q" for feature in document["features"]]
    return xgboost.QuantileDMatrix(
        rows.values[:, 1:],
        rows.values[:, 0],
        weight=rows.weights,
        feature_types=kinds,
        enable_categorical=True,
        nthread=params["nthread"],
        max_bin=params["max_bin"],
        ref=like,
    )


def fit(params: dict[str, Any], options: Options, document: Document, parts: dict[str, NDArray[np.float32]]) -> tuple[Any, int, float]:
    """The booster up to its best round, how many rounds these are, and the validation score there."""
    # A round has a tree for each class: with many classes fewer rounds do, and the model stays small.
    groups = int(params.get("num_class", 1))
    rounds = options.whole("rounds", 1) if options["rounds"] else min(MOST_ROUNDS, max(LEAST_ROUNDS, MOST_TREES // groups))
    training = matrix(masked(parts["train"], options), document, params)
    validation = matrix(Rows(parts["validation"], None), document, params, training)
    shown = str(params["eval_metric"][0])
    watch = [xgboost.callback.EarlyStopping(rounds=options.whole("early_stopping_rounds", 1)), progress := Progress(shown, rounds)]
    try:
        booster = xgboost.train(params, training, num_boost_round=rounds, evals=[(validation, "validation")], verbose_eval=False, callbacks=watch)
    except (xgboost.core.XGBoostError, ValueError) as error:
        sentence = str(error).split("Stack trace")[0].strip().splitlines()[-1]
        raise StepError(f"XGBoost refused to train: {sentence}") from None
    best = booster.best_iteration + 1
    return booster[:best], best, progress.scores[best - 1]


class Progress(xgboost.callback.TrainingCallback):
    """A line every ten rounds, for whoever watches."""

    def __init__(self, metric: str, rounds: int) -> None:
        super().__init__()
        self.metric = metric
        self.rounds = rounds
        self.scores: list[float] = []

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, dict[str, list[float]]]) -> bool:
        self.scores.append(evals_log["validation"][self.metric][-1])
        if epoch % 10 == 0:
            print(f"[{epoch}] validation-{self.metric}:{self.scores[-1]:.5g} rounds:{self.rounds}", flush=True)
        return False


def save(booster: Any) -> None:
    code = path("model", "code")
    os.makedirs(code, exist_ok=True)
    booster.save_model(path("model", "model.ubj"))
    shutil.copy(path("input", "data", "features", "features.json"), path("model", "features.json"))
    for name in SERVED:
        shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), code)


if __name__ == "__main__":
    run(train, "failure")
