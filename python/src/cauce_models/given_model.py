"""A model that somebody else made, behind one door: what it wants, what it says, whatever library it is of."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

PICKLES = ("joblib", "pkl", "pickle")


class Said(NamedTuple):
    """Of some rows: labels or numbers, and each class's share when the model tells."""

    predictions: list[Any]
    shares: Any = None


class Given:
    """What is asked of every model."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.reads_text = reads_text(model)

    def names(self) -> list[str] | None:
        """The columns in order, when the model knows them."""
        found = getattr(self.model, "feature_names_in_", None)
        return None if found is None else [str(name) for name in found]

    def width(self) -> int | None:
        if self.reads_text:
            return 1
        found = getattr(self.model, "n_features_in_", None)
        return None if found is None else int(found)

    def classes(self) -> list[Any] | None:
        found = getattr(self.model, "classes_", None)
        return None if found is None else [plain(one) for one in found]

    def several(self) -> bool:
        """Whether it tells classes of more than one thing at once."""
        found = getattr(self.model, "classes_", None)
        return found is not None and len(found) > 0 and np.ndim(found[0]) > 0

    def predict(self, rows: list[list[Any]], fields: list[Any]) -> Said:
        if self.reads_text:
            data: Any = ["" if is_nan(row[0]) else str(row[0]) for row in rows]
        else:
            data = to_frame(rows, fields) if self.names() is not None else to_array(rows, fields)
        if self.classes() is not None and hasattr(self.model, "predict_proba"):
            shares = np.asarray(self.model.predict_proba(data))
            labels = self.classes() or []
            return Said([labels[place] for place in shares.argmax(axis=1)], shares)
        return Said(listed(self.model.predict(data)))


class XgboostGiven(Given):
    """A booster without scikit-learn around it."""

    def names(self) -> list[str] | None:
        return list(self.model.feature_names) if self.model.feature_names else None

    def width(self) -> int | None:
        return int(self.model.num_features())

    def classes(self) -> list[Any] | None:
        objective, groups = objective_of(self.model)
        if objective.startswith("multi:"):
            return list(range(groups))
        return [0, 1] if objective in ("binary:logistic", "binary:hinge") else None

    def predict(self, rows: list[list[Any]], fields: list[Any]) -> Said:
        import xgboost

        types = ["c" if field["kind"] == "category" else "q" for field in fields]
        matrix = xgboost.DMatrix(
            coded(rows, fields), feature_names=self.names(), feature_types=self.model.feature_types or types, enable_categorical=True
        )
        return with_classes(self.model.predict(matrix), self.classes(), objective_of(self.model)[0] == "binary:logistic")


class LightgbmGiven(Given):
    """A booster out of a text file or a pickle."""

    def names(self) -> list[str] | None:
        return list(self.model.feature_name())

    def width(self) -> int | None:
        return int(self.model.num_feature())

    def classes(self) -> list[Any] | None:
        objective = str(self.model.dump_model(num_iteration=1).get("objective", ""))
        if objective.startswith("multiclass"):
            return list(range(self.model.num_model_per_iteration()))
        return [0, 1] if objective.startswith(("binary", "cross_entropy")) else None

    def predict(self, rows: list[list[Any]], fields: list[Any]) -> Said:
        return with_classes(self.model.predict(to_frame(rows, fields)), self.classes(), True)


class OnnxGiven(Given):
    """One input of all numbers, or an input for each column, as skl2onnx writes them."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.inputs = model.get_inputs()
        self.known: list[Any] | None = None

    def names(self) -> list[str] | None:
        return [one.name for one in self.inputs] if len(self.inputs) > 1 or self.width() == 1 else None

    def width(self) -> int | None:
        if len(self.inputs) > 1:
            return len(self.inputs)
        shape = self.inputs[0].shape
        return shape[-1] if len(shape) > 1 and isinstance(shape[-1], int) else None

    def classes(self) -> list[Any] | None:
        return self.known

    def predict(self, rows: list[list[Any]], fields: list[Any]) -> Said:
        if len(self.inputs) == 1:
            feed = {self.inputs[0].name: coded(rows, fields).astype(ONNX_TYPES[self.inputs[0].type])}
        else:
            feed = {one.name: np.array([[row[place]] for row in rows], dtype=ONNX_TYPES[one.type]) for place, one in enumerate(self.inputs)}
        outputs = self.model.run(None, feed)
        if len(outputs) < 2:
            return Said(listed(outputs[0]))
        shares = outputs[1]
        if isinstance(shares, list) and shares and isinstance(shares[0], dict):
            self.known = [plain(label) for label in shares[0]]
            shares = [list(one.values()) for one in shares]
        elif self.known is None and np.asarray(outputs[0]).dtype.kind in "iu":
            self.known = list(range(np.asarray(shares).shape[1]))
        return Said(listed(outputs[0]), np.asarray(shares) if self.known else None)


ONNX_TYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": object,
}


def load(file: Path) -> Given:
    """By the file's ending. Pickles run code: only to be called where that may be."""
    ending = file.suffix[1:].lower()
    if ending in PICKLES:
        import joblib

        return around(joblib.load(file))
    if ending == "txt":
        import lightgbm

        return LightgbmGiven(lightgbm.Booster(model_file=str(file)))
    if ending == "onnx":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return OnnxGiven(onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"]))
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(file)
    return XgboostGiven(booster)


def reads_text(model: Any) -> bool:
    """Whether it takes texts themselves, not a table with a column of them: a vectorizer stands first."""
    inner = getattr(model, "best_estimator_", None) or model
    steps = getattr(inner, "steps", None)
    return reads_text(steps[0][1]) if steps else hasattr(inner, "build_analyzer")


def is_nan(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def around(model: Any) -> Given:
    library = type(model).__module__.split(".", 1)[0]
    if type(model).__name__ == "Booster":
        return XgboostGiven(model) if library == "xgboost" else LightgbmGiven(model)
    return Given(model)


def objective_of(booster: Any) -> tuple[str, int]:
    import json

    learner = json.loads(booster.save_config())["learner"]
    return learner["objective"]["name"], max(1, int(learner["learner_model_param"]["num_class"]))


def with_classes(values: Any, classes: list[Any] | None, shares: bool) -> Said:
    values = np.asarray(values)
    if classes is None or (values.ndim == 1 and not (shares and len(classes) == 2)):
        return Said([int(one) for one in values] if classes else listed(values))
    if values.ndim == 1:
        values = np.column_stack((1 - values, values))
    return Said([classes[place] for place in values.argmax(axis=1)], values)


def to_frame(rows: list[list[Any]], fields: list[Any]) -> Any:
    import pandas

    columns = {}
    for place, field in enumerate(fields):
        values = [row[place] for row in rows]
        if field["kind"] == "number":
            columns[field["name"]] = pandas.Series(values, dtype="float64")
        elif field.get("coded"):
            columns[field["name"]] = pandas.Series(pandas.Categorical(values, categories=field["categories"]))
        else:
            complete = field["kind"] == "boolean" and None not in values
            columns[field["name"]] = pandas.Series(values, dtype="bool" if complete else "object")
    return pandas.DataFrame(columns)


def to_array(rows: list[list[Any]], fields: list[Any]) -> Any:
    numbers = all(field["kind"] in ("number", "boolean") for field in fields)
    return np.array(rows, dtype=np.float64 if numbers else object)


def coded(rows: list[list[Any]], fields: list[Any]) -> Any:
    """Categories by their place, as our own models have them."""
    places = [{one: code for code, one in enumerate(field.get("categories", []))} if field["kind"] == "category" else None for field in fields]
    return np.array(
        [[value if known is None else known.get(value, np.nan) for known, value in zip(places, row, strict=True)] for row in rows], dtype=np.float32
    )


def listed(values: Any) -> list[Any]:
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    return [one.tolist() if isinstance(one, np.ndarray) else plain(one) for one in values]


def plain(value: Any) -> Any:
    """Python's own type; a label such as 1.0 is 1."""
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value
