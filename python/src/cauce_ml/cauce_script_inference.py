"""Serves what a project's own training script saved, when the project has no inference.py: a scikit-learn or XGBoost
model that takes the table's columns. Requests and answers are those of docs/contracts/features.md.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple, TypeGuard, cast

import joblib
import numpy as np
import pandas as pd

from cauce_dates import EPOCH, Moment, datetime_reader, time_reader, written
from cauce_features import BLANK, Document, Field, Label, label_text, load, number_reader, number_text, read_boolean
from cauce_request import InputError, Requests, decode, parse_csv, parse_json, rounded, to_json

PICKLED = (".joblib", ".pkl", ".pickle")
BOOSTED = (".ubj", ".json", ".model", ".xgb", ".bst")
OWN = "Write an inference.py with model_fn and transform_fn (or input_fn, predict_fn, output_fn) beside the training script."


class Model(NamedTuple):
    estimator: Any
    document: Document
    requests: Requests


def model_fn(model_dir: str) -> Model:
    document = load(os.path.join(model_dir, "code", "features.json"))
    return Model(read_model(model_dir), document, Requests(document))


def read_model(folder: str) -> Any:
    names = sorted(name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)) and not name.startswith("."))
    models = [name for name in names if name == "xgboost-model" or name.endswith((*PICKLED, *BOOSTED))]
    chosen = [name for name in models if name.startswith("model.")] or models
    if len(chosen) != 1:
        listed = ", ".join(chosen or names) or "nothing"
        raise ValueError(f"One model file was expected (such as model.joblib or model.ubj), but the training script saved {listed}. {OWN}")
    path = os.path.join(folder, chosen[0])
    if path.endswith(PICKLED):
        return unpickle(path)
    import xgboost

    try:
        return xgboost.Booster(model_file=path)
    except xgboost.core.XGBoostError:
        return unpickle(path)


def unpickle(path: str) -> Any:
    try:
        return joblib.load(path)
    except AttributeError as error:
        if "__main__" not in str(error):
            raise
        raise ValueError(
            f"{os.path.basename(path)} needs what only the training script defines ({error}). "
            "Define it in a module beside the script, and import it there."
        ) from error


def transform_fn(model: Model, data: str | bytes | bytearray, content_type: str, accept: str) -> Any:
    try:
        model.requests.read(data, content_type)
    except InputError as error:
        # AWS: an exception would become a 500 with an HTML page; a returned response keeps its status (aws/sagemaker-containers, _worker.py).
        from sagemaker_containers.beta.framework import worker

        return worker.Response(response=error.body, status=error.status, mimetype="application/json")
    kind = (content_type or "application/json").split(";")[0].strip().lower()
    value = parse_csv(decode(data, kind)) if kind == "text/csv" else parse_json(decode(data, kind))
    records = cast("list[dict[str, object]]", value if isinstance(value, list) else [value])
    found = answers(model.estimator, model.document, records) if records else []
    return to_json(found if isinstance(value, list) else found[0]), "application/json"


def answers(estimator: Any, document: Document, records: list[dict[str, object]]) -> list[dict[str, object]]:
    frame = columns_for(estimator, to_frame(records, document))
    if document["target"]["task"] == "regression":
        return [{"prediction": rounded(float(value))} for value in np.asarray(predict(estimator, frame)).reshape(len(records))]
    labels = document["target"].get("classes", [])
    texts = [label_text(label) for label in labels]
    if is_booster(estimator):
        outputs, order = np.asarray(predict(estimator, frame)), list(range(len(labels)))
        shares = outputs.reshape(len(records), -1)
        if shares.shape[1] == 1 and len(labels) == 2:
            shares = np.column_stack((1 - shares[:, 0], shares[:, 0]))
        elif shares.shape[1] != len(labels):
            return [{"prediction": labels[int(value)]} for value in shares[:, 0]]
    elif hasattr(estimator, "predict_proba"):
        shares, order = np.asarray(estimator.predict_proba(frame)), places(list(estimator.classes_), texts)
    else:
        known = list(getattr(estimator, "classes_", labels))
        order = places(known, texts)
        return [{"prediction": labels[order[known.index(value)]]} for value in np.asarray(estimator.predict(frame)).tolist()]
    sorted_shares = np.zeros((len(records), len(labels)))
    sorted_shares[:, order] = shares
    return [
        {"prediction": labels[int(row.argmax())], "probabilities": {text: rounded(float(share)) for text, share in zip(texts, row, strict=True)}}
        for row in sorted_shares
    ]


def places(classes: list[Any], texts: list[str]) -> list[int]:
    """The model's classes among the target's: the same labels, or their places 0, 1, … (False, True)."""
    plain = [value.item() if hasattr(value, "item") else value for value in classes]
    named = [label_text(cast("Label", int(value) if isinstance(value, float) and value.is_integer() else value)) for value in plain]
    if set(named) <= set(texts):
        return [texts.index(name) for name in named]
    if plain == list(range(len(texts))):
        return list(range(len(texts)))
    raise ValueError(f"The model's classes {plain} are not those of the target, {texts}. {OWN}")


def is_booster(estimator: Any) -> bool:
    return type(estimator).__name__ == "Booster" and type(estimator).__module__.startswith("xgboost")


def predict(estimator: Any, frame: Any) -> Any:
    if not is_booster(estimator):
        return estimator.predict(frame)
    import xgboost

    return estimator.predict(xgboost.DMatrix(frame, enable_categorical=True))


def columns_for(estimator: Any, frame: Any) -> Any:
    """Those that the model was fitted with, in its order."""
    names = estimator.feature_names if is_booster(estimator) else getattr(estimator, "feature_names_in_", None)
    if names is not None:
        strange = [str(name) for name in names if name not in frame.columns]
        if strange:
            raise ValueError(f"The model was trained with {', '.join(strange[:5])}, which are not columns of the table. {OWN}")
        frame = frame[list(names)]
    if not type(estimator).__module__.startswith("xgboost"):
        return frame
    return with_categories(estimator if is_booster(estimator) else estimator.get_booster(), frame)


def with_categories(booster: Any, frame: Any) -> Any:
    """Texts as the categories that the model knows; what it does not know is missing."""
    if not hasattr(booster, "get_categories"):
        # Before XGBoost 3.1 a model keeps no categories, and a code would mean whatever came first.
        if any(frame[name].dtype == object for name in frame.columns):
            raise ValueError(f"The model was trained on texts as categories, which this XGBoost does not keep. {OWN}")
        return frame
    known = {name: values.to_pylist() for name, values in booster.get_categories(export_to_arrow=True).to_arrow() or [] if values is not None}
    return frame.assign(**{name: pd.Categorical(frame[name], categories=values) for name, values in known.items()})


def to_frame(records: list[dict[str, object]], document: Document) -> Any:
    """As pandas would read them from the training channel's CSV."""
    return pd.DataFrame({field["name"]: column(field, [record.get(field["name"]) for record in records]) for field in document["fields"]})


def column(field: Field, values: list[object]) -> Any:
    categories = field.get("categories", [])
    numeric = field["kind"] == "number" or (bool(categories) and not any(isinstance(category, str) for category in categories))
    if numeric:
        read_number = number_reader(field.get("format"))
        numbers = np.array([read_number(value) for value in values])
        whole = field.get("integer") or all(isinstance(category, int) for category in categories or [0.5])
        return numbers.astype(np.int64) if whole and np.all(numbers % 1 == 0) else numbers
    if field["kind"] == "boolean":
        read = [read_boolean(value) for value in values]
        if not np.isnan(read).any():
            return np.array(read, dtype=bool)
        return np.array([np.nan if np.isnan(value) else bool(value) for value in read], dtype=object)
    if field["kind"] in ("datetime", "time"):
        return in_table(field, values)
    return np.array([text(value) for value in values], dtype=object)


def in_table(field: Field, values: list[object]) -> Any:
    """Dates and times as the training channel's CSV has them: in ISO 8601, whatever the table wrote; numbers where they are some."""
    form = field.get("format")
    if field["kind"] == "time":
        clock = time_reader(form)
        moments = [None if (second := clock(value)) is None else Moment(0, second) for value in values]
        iso = "HH:mm:ss"
    else:
        moments = [*map(datetime_reader(form), values)]
        iso = "yyyy-MM-dd HH:mm:ss" if len(str(field.get("max", ""))) > len("2024-01-31") else "yyyy-MM-dd"
    if not isinstance(field.get("min"), int | float):
        return np.array([np.nan if moment is None else written(iso, moment) for moment in moments], dtype=object)
    numbers = [
        np.nan if moment is None else float(value) if is_number(value) else as_number(form or "", moment)
        for value, moment in zip(values, moments, strict=True)
    ]
    return np.array(numbers, dtype=np.int64 if all(number % 1 == 0 for number in numbers) else np.float64)


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_number(form: str, moment: Moment) -> float:
    if form in EPOCH:
        return (moment.days * 86400 + moment.second) * 1000 / EPOCH[form]
    return float(written(form, moment))


def text(value: object) -> object:
    if isinstance(value, str):
        trimmed = value.strip(BLANK)
        return trimmed if trimmed else np.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(float(value))
    return np.nan if value is None else str(value)
