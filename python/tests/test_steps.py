"""The steps as processes, on real tables and on small ones made to be awkward."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from steps import Steps, read_table

QUICK = {"rounds": "30", "eta": "0.3"}


@pytest.fixture(scope="module")
def telco(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    steps = Steps(tmp_path_factory.mktemp("telco"), read_table("telco_churn.csv"), {"target": "Churn"})
    steps.prepare()
    steps.train()
    return steps


def test_a_table_becomes_a_good_model(telco: Steps) -> None:
    report = telco.evaluate()
    assert report["cauce"]["metrics"]["auc"] > 0.82
    assert set(report["cauce"]["metrics"]) == {"auc", "accuracy", "f1", "logloss"}
    assert report["cauce"]["gate"] == {"passed": 1, "reason": report["cauce"]["gate"]["reason"]}
    assert report["binary_classification_metrics"]["auc"]["value"] == report["cauce"]["metrics"]["auc"]
    assert 0 < report["binary_classification_metrics"]["auc"]["standard_deviation"] < 0.05
    for plot in report["cauce"]["plots"]:
        assert (telco.folder / "processing/output/evaluation" / plot).read_text(encoding="utf-8").startswith("<svg")


def test_the_report_names_what_is_set_aside(telco: Steps) -> None:
    report = telco.read("processing/output/features/report.json")
    assert [(one["column"], one["reason"]) for one in report["setAside"]] == [("customerID", "id")]
    assert report["split"] == {"train": 4789, "validation": 845, "test": 1409}
    assert report["classes"] == [{"label": "No", "rows": 5174}, {"label": "Yes", "rows": 1869}]
    assert report["warnings"] == []


def test_training_says_how_far_it_is(telco: Steps) -> None:
    lines = telco.train().splitlines()
    assert re.fullmatch(r"\[0\] validation-auc:0\.\d+ rounds:1000", lines[0])
    assert re.fullmatch(r"trained \d+ rounds, validation-auc:0\.\d+", lines[-1])


def test_the_same_inputs_give_the_same_bytes(telco: Steps, tmp_path: Path) -> None:
    again = Steps(tmp_path, read_table("telco_churn.csv"), {"target": "Churn"})
    again.prepare()
    again.train()
    for place in ("model/model.ubj", "model/features.json", "processing/output/test/test.npy"):
        assert (again.folder / place).read_bytes() == (telco.folder / place).read_bytes()


def test_a_row_stays_on_its_side_when_others_are_added(telco: Steps, tmp_path: Path) -> None:
    table = read_table("telco_churn.csv")
    fewer = Steps(tmp_path, table.slice(500), {"target": "Churn"})
    fewer.prepare()
    before, after = (ids(steps) for steps in (fewer, telco))
    assert len(before & after) > 0.93 * len(before)


def ids(steps: Steps) -> set[str]:
    test = pq.read_table(steps.folder / "processing/output/test/test.parquet")
    return set(test["customerID"].to_pylist())


def test_the_champion_is_judged_on_the_same_rows(telco: Steps, tmp_path: Path) -> None:
    poor = Steps(tmp_path, read_table("telco_churn.csv"), {"target": "Churn", "ignore": ["tenure", "Contract"]}, QUICK)
    poor.prepare()
    poor.train()
    champion = "processing/input/champion/model.tar.gz"
    (poor.folder / champion).write_bytes((telco.folder / "processing/input/model/model.tar.gz").read_bytes())
    report = poor.evaluate()["cauce"]
    assert report["gate"]["passed"] == 0
    assert "worse than the champion" in report["gate"]["reason"]
    assert report["champion"]["value"] == pytest.approx(telco.evaluate()["cauce"]["metrics"]["auc"], abs=1e-9)
    (telco.folder / champion).write_bytes((poor.folder / "processing/input/model/model.tar.gz").read_bytes())
    better = telco.evaluate()["cauce"]
    (telco.folder / champion).unlink()
    assert better["gate"]["passed"] == 1
    assert better["champion"]["difference"] > 0


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"seed": 7}, "the split's seed was 0, now it is 7"),
        ({"testFraction": 0.3}, "the test part was 0.2 of the rows, now it is 0.3"),
        ({"testFraction": 0.1}, None),
        ({"columns": ["gender"]}, "the table had other columns"),
    ],
)
def test_a_champion_that_learned_from_these_rows_is_not_compared(telco: Steps, tmp_path: Path, settings: dict[str, Any], reason: str | None) -> None:
    table = read_table("telco_churn.csv").drop_columns(settings.pop("columns", []))
    # Without its best columns it is worse, and was refused.
    steps = Steps(tmp_path, table, {"target": "Churn", "ignore": ["tenure", "Contract"], **settings}, QUICK)
    steps.prepare()
    steps.train()
    (steps.folder / "processing/input/champion/model.tar.gz").write_bytes((telco.folder / "processing/input/model/model.tar.gz").read_bytes())
    report = steps.evaluate()["cauce"]
    assert report["champion"]["comparable"] is (reason is None)
    assert report["gate"]["passed"] == int(reason is not None)
    if reason:
        assert f"not compared with the champion: it was trained on some of these rows, because {reason}" in report["gate"]["reason"]


@pytest.mark.parametrize(
    ("file", "settings", "metrics", "least"),
    [
        ("penguins.csv", {"target": "species"}, {"accuracy", "f1_macro", "logloss"}, ("accuracy", 0.95)),
        ("california_housing.csv", {"target": "median_house_value"}, {"r2", "rmse", "mae"}, ("r2", 0.8)),
        ("winequality_red.csv", {"target": "quality", "task": "multiclass"}, {"accuracy", "f1_macro", "logloss"}, ("accuracy", 0.6)),
    ],
)
def test_other_tasks(tmp_path: Path, file: str, settings: dict[str, Any], metrics: set[str], least: tuple[str, float]) -> None:
    steps = Steps(tmp_path, read_table(file), settings, {"eta": "0.2"})
    steps.prepare()
    steps.train()
    report = steps.evaluate()
    assert set(report["cauce"]["metrics"]) == metrics
    assert report["cauce"]["metrics"][least[0]] > least[1]
    assert all(np.isfinite(value) for value in report["cauce"]["metrics"].values())
    assert report["cauce"]["gate"]["passed"] == 1


def awkward(rows: int = 400) -> pa.Table:
    random = np.random.default_rng(0)
    size = random.normal(size=rows)
    label = np.where(size + random.normal(size=rows) > 0, "pass", "fail").tolist()
    label[3] = None
    return pa.table(
        {
            "row": np.arange(1, rows + 1),
            "User Id": random.permutation(rows) * 7 + 3,
            "token": [f"t{value:08x}" for value in random.permutation(rows) * 104729],
            "essay": [f"this is the story number {value} of {value * 3}" for value in range(rows)],
            "same": ["x"] * rows,
            "nothing": pa.nulls(rows, pa.string()),
            "given away": [None if one is None else {"pass": "P", "fail": "F"}[one] for one in label],
            "size": size,
            "flag": random.random(rows) > 0.5,
            "on": pa.array(np.datetime64("2024-01-01") + random.integers(0, 300, rows)),
            "result": label,
        }
    )


def test_awkward_columns_are_named(tmp_path: Path) -> None:
    steps = Steps(tmp_path, awkward(), {"target": "result"}, QUICK)
    said = steps.prepare()
    report = steps.read("processing/output/features/report.json")
    reasons = {one["column"]: one["reason"] for one in report["setAside"]}
    assert reasons == {"row": "id", "User Id": "id", "token": "id", "essay": "text", "same": "constant", "nothing": "empty"}
    assert report["rowsWithoutTarget"] == 1
    [leak] = report["warnings"]
    assert (leak["column"], leak["metric"]) == ("given away", "auc")
    assert leak["score"] > 0.99
    assert leak["message"] in said
    features = steps.read("processing/output/features/features.json")
    assert [feature["name"] for feature in features["features"]] == ["given away", "size", "flag", "on.month", "on.day", "on.weekday"]
    assert features["target"] == {"name": "result", "task": "binary", "positive": "fail", "classes": ["pass", "fail"]}
    assert features["ignored"] == [*reasons, "result"]
    steps.train()
    assert steps.evaluate()["cauce"]["metrics"]["auc"] > 0.98


def test_times_of_day_and_dates_that_are_numbers_become_features(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    minutes = random.permutation(400)
    when = np.datetime64("2023-01-01", "s") + random.integers(0, 500 * 86400, 400)
    columns = {
        "leaves": pa.array(minutes * 60_000_000).cast(pa.time64("us")),
        "opens": pa.array(minutes // 60 * 3_600_000_000).cast(pa.time64("us")),
        "created_at": pa.array(when.astype(np.int64)),
        "day": pa.array([int(str(day).replace("-", "")) for day in when.astype("datetime64[D]")]),
        "stamp": pa.array(when.astype(np.int64)),
        "plain_time": pa.array(when.astype(np.int64)),
        "arrives": pa.array((minutes // 60) + (minutes % 60) / 100),
    }
    table = awkward().select(["result"])
    for name, values in columns.items():
        table = table.append_column(name, values)
    asked = {"arrives": {"kind": "time"}, "plain_time": {"kind": "number"}, "stamp": {"kind": "datetime"}}
    steps = Steps(tmp_path, table, {"target": "result", "features": asked}, QUICK, {"leaves": "h:mm a"})
    said = steps.prepare()
    assert "created_at holds dates, seconds since 1970" in said
    assert "plain_time holds dates" not in said
    document = steps.read("processing/output/features/features.json")
    assert {field["name"]: (field["kind"], field.get("format")) for field in document["fields"]} == {
        "leaves": ("time", "h:mm a"),
        "opens": ("time", None),
        "created_at": ("datetime", "epoch seconds"),
        "day": ("datetime", "yyyyMMdd"),
        "stamp": ("datetime", "epoch seconds"),
        "plain_time": ("number", None),
        "arrives": ("time", "H.mm"),
    }
    names = [feature["name"] for feature in document["features"]]
    assert names[:4] == ["leaves.hour", "leaves.minutes", "opens.hour", "created_at.year"]
    assert names[-2:] == ["arrives.hour", "arrives.minutes"]
    example = {field["name"]: field["example"] for field in document["fields"]}
    assert re.fullmatch("[0-9]{1,2}:[0-9]{2} [AP]M", example["leaves"])
    assert document["fields"][0]["max"] == "06:39:00"


def test_a_column_that_holds_no_dates_is_named(tmp_path: Path) -> None:
    steps = Steps(tmp_path, awkward(), {"target": "result", "features": {"size": {"kind": "datetime"}}}, QUICK)
    done = steps.run("prepare")
    assert done.returncode == 1
    assert 'The settings call the column "size" a datetime, but its numbers are not seconds' in done.stderr + done.stdout


def test_a_target_that_is_mostly_empty_is_said(tmp_path: Path) -> None:
    steps = Steps(tmp_path, awkward().set_column(10, "result", pa.array([None, None, None, "pass", "fail"] * 80)), {"target": "result"}, QUICK)
    said = steps.prepare()
    report = steps.read("processing/output/features/report.json")
    assert report["rowsWithoutTarget"] == 240
    assert "result is empty in 240 of 400 rows, which are left out." in said
    assert [one["code"] for one in report["warnings"]] == ["target-empty"]


def test_rare_classes_and_labels_of_other_types(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    size = random.normal(size=200)
    grade = np.digitize(size, [-1, 0, 1])
    grade[:1] = 9
    steps = Steps(tmp_path, pa.table({"size": size, "grade": grade}), {"target": "grade"}, QUICK)
    steps.prepare()
    steps.train()
    assert steps.read("model/features.json")["target"] == {"name": "grade", "task": "multiclass", "classes": [0, 1, 2, 3, 9]}
    test = np.load(tmp_path / "processing/output/test/test.npy")
    assert 4 not in test[:, 0]
    (warning,) = steps.read("processing/output/features/report.json")["warnings"]
    assert warning["message"] == 'The class "9" of grade has one row, which the model learns from: no row is left to test it with.'
    assert steps.evaluate()["cauce"]["metrics"]["accuracy"] > 0.8


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"target": "Result"}, 'The table has no column "Result" to predict. Did you mean "result"?'),
        ({"target": ""}, "The settings name no target."),
        ({"target": "same"}, 'Every row has the same value in "same": there is nothing to learn.'),
        ({"target": "nothing"}, 'Only 0 rows have a value in "nothing".'),
        ({"target": "token"}, "too many classes"),
        ({"target": "result", "task": "regression"}, "is no regression"),
        ({"target": "result", "ignore": ["sise"]}, 'The settings name the column "sise", which the table does not have. Did you mean "size"?'),
        ({"target": "result", "features": {"size": {"kind": "nummber"}}}, '"nummber" is not a kind of feature'),
        ({"target": "result", "positive": "passed"}, 'its values are "fail" and "pass"'),
        ({"target": "result", "ignore": ["given away", "size", "flag", "on"]}, "No column is left to predict from: "),
        ({"target": "sparse"}, 'Only 3 rows have a value in "sparse". A model needs 10 at least'),
    ],
)
def test_prepare_says_what_to_do(tmp_path: Path, settings: dict[str, Any], sentence: str) -> None:
    sparse = pa.array(["yes", "no", "yes", *[None] * 297])
    steps = Steps(tmp_path, awkward(300).append_column("sparse", sparse) if settings["target"] == "sparse" else awkward(300), settings)
    done = steps.run("prepare")
    assert done.returncode == 1
    assert sentence in (tmp_path / "output/message").read_text(encoding="utf-8")
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("hyperparameters", "sentence"),
    [
        ({"max_deph": "3"}, '"max_deph" is not a hyperparameter of this training. Did you mean "max_depth"?'),
        ({"max_depth": "deep"}, 'The hyperparameter max_depth must be a number, but it is "deep".'),
        ({"rounds": "0"}, "The hyperparameter rounds must be at least 1, but it is 0."),
        ({"subsample": "7"}, "XGBoost refused to train"),
    ],
)
def test_training_fails_with_a_reason(telco: Steps, hyperparameters: dict[str, str], sentence: str) -> None:
    telco.write("input/config/hyperparameters.json", hyperparameters)
    done = telco.run("train")
    telco.write("input/config/hyperparameters.json", {})
    assert done.returncode == 1
    assert sentence in (telco.folder / "output/failure").read_text(encoding="utf-8")


def test_hyperparameters_of_the_sdk_are_read(telco: Steps) -> None:
    telco.write("input/config/hyperparameters.json", {"rounds": '"5"', "sagemaker_program": '"train.py"', "refit": "false"})
    assert telco.train().splitlines()[-1].startswith("trained ")
    telco.write("input/config/hyperparameters.json", {})
    telco.train()


def test_an_unreadable_model_is_said_to_be_one(tmp_path: Path, telco: Steps) -> None:
    steps = Steps(tmp_path, read_table("telco_churn.csv"), {"target": "Churn"})
    steps.prepare()
    (tmp_path / "processing/input/model").mkdir()
    (tmp_path / "processing/input/model/model.tar.gz").write_bytes(b"nonsense")
    assert steps.run("evaluate").returncode == 1
    assert "is not a model that this step can read" in (tmp_path / "output/message").read_text(encoding="utf-8")
    settings = {"target": "Churn", "evaluate": {"metric": "aucc"}}
    telco.write("processing/input/settings/settings.json", settings)
    done = telco.run("evaluate")
    telco.write("processing/input/settings/settings.json", {"target": "Churn"})
    assert done.returncode == 1
    assert '"aucc" is not a metric of a binary task. Did you mean "auc"?' in done.stderr


def test_gate_refuses_below_the_threshold(telco: Steps) -> None:
    for asked, passed in (({"metric": "auc", "atLeast": 0.99}, 0), ({"metric": "logloss", "atMost": 0.6}, 1), ({"metric": "f1"}, 1)):
        telco.write("processing/input/settings/settings.json", {"target": "Churn", "evaluate": asked})
        assert telco.evaluate()["cauce"]["gate"]["passed"] == passed
    telco.write("processing/input/settings/settings.json", {"target": "Churn"})


def test_records_and_tables_are_encoded_alike(telco: Steps) -> None:
    """What is served is what was trained on, for every row of the test part."""
    import inference

    model = inference.model_fn(str(telco.folder / "model"))
    table = pq.read_table(telco.folder / "processing/output/test/test.parquet")
    rows, many = model.requests.read(json.dumps(table.to_pylist()), "application/json")
    trained = np.load(telco.folder / "processing/output/test/test.npy")[:, 1:]
    assert many
    np.testing.assert_array_equal(np.array(rows, dtype=np.float32), trained)


@pytest.mark.parametrize("rows", [10, 14, 30])
@pytest.mark.parametrize("classes", [0, 2, 5])
def test_the_smallest_tables(tmp_path: Path, rows: int, classes: int) -> None:
    random = np.random.default_rng(rows)
    size = random.normal(size=rows)
    target = size * 3 if classes == 0 else np.array([f"c{value % classes}" for value in range(rows)])
    steps = Steps(tmp_path, pa.table({"size": size, "kind": random.choice(["a", "b"], rows), "y": target}), {"target": "y"}, QUICK)
    steps.prepare()
    steps.train()
    assert all(np.isfinite(value) for value in steps.evaluate()["cauce"]["metrics"].values())


def test_booleans_and_missing_numbers_as_targets(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    size = random.normal(size=200)
    steps = Steps(tmp_path / "a", pa.table({"size": size, "won": size > 0.3}), {"target": "won"}, QUICK)
    steps.prepare()
    assert steps.read("processing/output/features/features.json")["target"]["classes"] == [False, True]
    price = size * 2
    price[:5] = [np.nan, np.inf, -np.inf, np.nan, np.nan]
    steps = Steps(tmp_path / "b", pa.table({"size": size, "price": price}), {"target": "price"}, QUICK)
    steps.prepare()
    assert steps.read("processing/output/features/report.json")["rowsWithoutTarget"] == 5
    steps.train()
    assert steps.evaluate()["cauce"]["metrics"]["r2"] > 0.8
