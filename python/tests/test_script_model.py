"""Models of a project's own script: what serves them without an inference.py, and what Evaluate makes of their answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import joblib
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.linear_model import LinearRegression, LogisticRegression

from cauce_features import Document
from cauce_script_inference import model_fn, to_frame, transform_fn
from cauce_script_model import to_outputs
from cauce_step import StepError

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "source": "",
    "target": {"name": "left", "task": "binary", "classes": ["No", "Yes"], "positive": "Yes"},
    "fields": [
        {"name": "age", "kind": "number", "missing": 0},
        {"name": "plan", "kind": "category", "categories": ["a", "b", "c"], "missing": 0},
    ],
    "features": [{"name": "age", "field": "age", "encoding": "number"}, {"name": "plan", "field": "plan", "encoding": "category"}],
    "ignored": ["left"],
    "unknownFields": "refuse",
}


@pytest.fixture
def table() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame({"age": random.random(300), "plan": random.choice(["a", "b", "c"], 300)})


def served(folder: Path, document: dict[str, Any] = DOCUMENT) -> Any:
    (folder / "code").mkdir()
    (folder / "code" / "features.json").write_text(json.dumps(document))
    return model_fn(str(folder))


def ask(model: Any, body: object) -> Any:
    text, kind = transform_fn(model, json.dumps(body), "application/json", "application/json")
    assert kind == "application/json"
    return json.loads(text)


def test_numbers_with_a_unit_reach_the_model_bare() -> None:
    fields: list[Any] = [{"name": "fee", "kind": "number", "format": "#.##0,00 €", "missing": 0}]
    records: list[dict[str, object]] = [{"fee": "1.234,50 €"}, {"fee": 1234.5}, {"fee": "1234.5"}]
    frame = to_frame(records, cast("Document", {**DOCUMENT, "fields": fields}))
    assert [*frame["fee"]] == [1234.5] * 3


def test_dates_reach_the_model_as_its_table_had_them() -> None:
    fields: list[Any] = [
        {"name": "on", "kind": "datetime", "format": "dd/MM/yyyy", "min": "2024-01-01", "max": "2024-12-31", "missing": 0},
        {"name": "at", "kind": "datetime", "min": "2024-01-01T10:00:00", "max": "2024-12-31T10:00:00", "missing": 0},
        {"name": "leaves", "kind": "time", "format": "h:mm a", "min": "00:00:00", "max": "23:00:00", "missing": 0},
        {"name": "since", "kind": "datetime", "format": "epoch seconds", "min": 1, "max": 2, "missing": 0},
        {"name": "day", "kind": "datetime", "format": "yyyyMMdd", "min": 20240101, "max": 20241231, "missing": 0},
    ]
    records: list[dict[str, object]] = [
        {"on": "3/11/2024", "at": "2024-11-03T14:05", "leaves": "9:05 PM", "since": 1706708700.0, "day": 20241103.0},
        {"on": "2024-11-03", "at": "2024-11-03 14:05:00", "leaves": "21:05", "since": "2024-01-31T13:45:00", "day": "2024-11-03"},
    ]
    frame = to_frame(records, cast("Document", {**DOCUMENT, "fields": fields}))
    assert frame.iloc[0].to_dict() == frame.iloc[1].to_dict()
    assert [*frame.iloc[0]] == ["2024-11-03", "2024-11-03 14:05:00", "21:05:00", 1706708700, 20241103]
    assert to_frame([{}], cast("Document", {**DOCUMENT, "fields": fields})).isna().all(axis=None)


def test_an_xgboost_model_keeps_its_categories(table: pd.DataFrame, tmp_path: Path) -> None:
    matrix = xgboost.DMatrix(table.astype({"plan": "category"}), (table["plan"] == "b").astype(int), enable_categorical=True)
    xgboost.train({"objective": "binary:logistic"}, matrix, 5).save_model(tmp_path / "model.ubj")
    model = served(tmp_path)
    assert [one["prediction"] for one in ask(model, [{"plan": "b"}, {"plan": "a"}])] == ["Yes", "No"]
    assert ask(model, {"plan": "b"}) == ask(model, [{"plan": "b"}])[0]
    assert ask(model, {"plan": "never seen"}) == ask(model, {}) == ask(model, {"plan": None})


def test_labels_and_their_places_are_the_same_classes(table: pd.DataFrame, tmp_path: Path) -> None:
    for name, labels in (("texts", pd.Series(np.where(table["age"] > 0.5, "Yes", "No"))), ("places", (table["age"] > 0.5).astype(int))):
        folder = tmp_path / name
        folder.mkdir()
        joblib.dump(LogisticRegression(C=1000).fit(table[["age"]], labels), folder / "model.joblib")
        answer = ask(served(folder), {"age": 0.9})
        assert answer["prediction"] == "Yes"
        assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_numbers_are_answered_as_numbers(table: pd.DataFrame, tmp_path: Path) -> None:
    joblib.dump(LinearRegression().fit(table[["age"]], table["age"] * 2), tmp_path / "model.joblib")
    regression = {**DOCUMENT, "target": {"name": "left", "task": "regression"}}
    assert ask(served(tmp_path, regression), [{"age": 2}, {"age": "3"}]) == [{"prediction": 4}, {"prediction": 6}]


def test_what_cannot_be_served_is_said(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"saved nothing\. Write an inference\.py"):
        served(tmp_path)
    strange = table.rename(columns={"age": "years"})[["years"]]
    joblib.dump(LogisticRegression().fit(strange, table["plan"] == "a"), tmp_path / "model.joblib")
    with pytest.raises(ValueError, match="years, which are not columns of the table"):
        ask(model_fn(str(tmp_path)), {"age": 1})


@pytest.mark.parametrize(
    ("answers", "positive"),
    [
        ([{"prediction": "Yes", "probabilities": {"No": 0.2, "Yes": 0.8}}, {"prediction": "No", "probabilities": {"No": 1, "Yes": 0}}], [0.8, 0]),
        (["Yes", "No"], [1, 0]),
        ([[0.2, 0.8], [1, 0]], [0.8, 0]),
        ([0.8, 0.1], [0.8, 0.1]),
        ([[0.8], [0]], [0.8, 0]),
        ([{"score": 0.8}, {"score": 0.1}], [0.8, 0.1]),
    ],
)
def test_answers_of_many_kinds_are_understood(answers: list[Any], positive: list[float]) -> None:
    assert to_outputs(answers, cast("Document", DOCUMENT))[:, 1] == pytest.approx(positive)


@pytest.mark.parametrize("answer", ["Perhaps", 7, None, {"odd": 1}, [0.1, 0.2, 0.7]])
def test_other_answers_are_refused(answer: Any) -> None:
    with pytest.raises(StepError, match=r"inference\.py answered"):
        to_outputs([answer], cast("Document", DOCUMENT))
