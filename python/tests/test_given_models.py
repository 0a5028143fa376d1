"""Models that exist already: what `cauce deploy` makes of each kind, and what it says of a file that is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SOURCES = Path(__file__).resolve().parents[1] / "src"
RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(
    {
        "tenure": RANDOM.integers(0, 72, 80),
        "charges": RANDOM.normal(60, 20, 80).round(2),
        "contract": RANDOM.choice(["Month", "One", "Two"], 80),
        "note": RANDOM.choice(["good service", "bad price", "left soon", "very happy"], 80),
    }
)
NUMBERS = ROWS[["tenure", "charges"]]
LEFT = np.where(ROWS.tenure < 20, "Yes", "No")
SPENT = ROWS.tenure * 2.0 + ROWS.charges


class Inspected:
    """One job that looks at a model, on folders that stand in for /opt/ml."""

    def __init__(self, folder: Path, file: str, write: Any, example: Any = None, **settings: Any) -> None:
        self.folder = folder
        given = folder / "processing/input/given"
        given.mkdir(parents=True)
        write(given / file)
        if example is not None:
            (folder / "processing/input/example").mkdir()
            example.to_csv(folder / "processing/input/example/rows.csv", index=False)
            settings["example"] = "rows.csv"
        (folder / "processing/input/settings").mkdir()
        (folder / "processing/input/settings/settings.json").write_text(json.dumps({"file": file, **settings}))
        # In the job, too, all of it lies in one folder.
        code = shutil.copytree(SOURCES / "cauce_models", folder / "code")
        shutil.copytree(SOURCES / "cauce_ml", code, dirs_exist_ok=True)
        command = [sys.executable, str(code / "inspect_given.py")]
        environment = {**os.environ, "CAUCE_OPT_ML": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        self.done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def report(self) -> tuple[dict[str, Any], dict[str, Any]]:
        assert self.done.returncode == 0, self.done.stderr + self.done.stdout
        return self.read("report.json"), self.read("features.json")

    def read(self, name: str) -> Any:
        return json.loads((self.folder / "processing/output/features" / name).read_text())

    def answer(self) -> Any:
        said = next(line for line in self.done.stdout.splitlines() if line.startswith("the model answers "))
        return json.loads(said.removeprefix("the model answers "))

    def refusal(self) -> dict[str, str]:
        assert self.done.returncode == 1, self.done.stderr + self.done.stdout
        return json.loads((self.folder / "output/message").read_text())


def dumped(model: Any) -> Any:
    return partial(joblib.dump, model)


def booster() -> Any:
    return xgboost.XGBRegressor(n_estimators=3).fit(NUMBERS, SPENT)


def columns() -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("text", TfidfVectorizer(), "note"),
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["tenure", "charges"]),
            ("words", OneHotEncoder(handle_unknown="ignore"), ["contract"]),
        ]
    )


def test_a_pipeline_of_columns_and_texts(tmp_path: Path) -> None:
    model = make_pipeline(columns(), LogisticRegression()).fit(ROWS, LEFT)
    inspected = Inspected(tmp_path, "m.joblib", dumped(model), ROWS.assign(Left=LEFT))
    report, features = inspected.report()
    assert report["engine"] == "python"
    assert features["target"] == {"name": "Left", "task": "binary", "classes": ["No", "Yes"], "positive": "Yes"}
    assert {field["name"]: field["kind"] for field in features["fields"]} == {
        "tenure": "number",
        "charges": "number",
        "contract": "category",
        "note": "text",
    }
    example = pd.DataFrame([{field["name"]: field["example"] for field in features["fields"]}])
    assert inspected.answer()["probabilities"]["Yes"] == pytest.approx(model.predict_proba(example)[0][1], abs=1e-6)


@pytest.mark.parametrize("example", [None, ROWS[["note"]]])
def test_a_pipeline_that_reads_texts_themselves(tmp_path: Path, example: pd.DataFrame | None) -> None:
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(ROWS.note, LEFT)
    inspected = Inspected(tmp_path, "m.joblib", dumped(model), example)
    _, features = inspected.report()
    (field,) = features["fields"]
    assert (field["name"], field["kind"]) == ("text" if example is None else "note", "text")
    assert inspected.answer()["prediction"] == model.predict([field["example"]])[0]


def test_a_regression_of_one_number_and_of_several(tmp_path: Path) -> None:
    one = Inspected(tmp_path / "one", "m.pkl", dumped(LinearRegression().fit(NUMBERS, SPENT)))
    assert one.report()[1]["target"]["task"] == "regression"
    assert one.answer() == {"prediction": pytest.approx(0, abs=1e-6)}
    forest = RandomForestRegressor(2).fit(NUMBERS, np.column_stack([SPENT, SPENT * 2]))
    several = Inspected(tmp_path / "several", "m.pkl", dumped(forest))
    several.report()
    assert len(several.answer()["prediction"]) == 2


def test_a_booster_is_scored_natively_and_one_with_several_outputs_is_not(tmp_path: Path) -> None:
    one = Inspected(tmp_path / "one", "m.ubj", booster().save_model)
    assert one.report()[0]["engine"] == "native"
    trees = xgboost.XGBRegressor(n_estimators=2, multi_strategy="multi_output_tree").fit(NUMBERS, np.column_stack([SPENT, SPENT]))
    several = Inspected(tmp_path / "several", "m.json", trees.save_model)
    assert several.report()[0]["engine"] == "python"
    assert len(several.answer()["prediction"]) == 2


def test_a_booster_in_a_pickle_with_and_without_its_wrapper(tmp_path: Path) -> None:
    for name, model in {"wrapped": booster(), "bare": booster().get_booster()}.items():
        inspected = Inspected(tmp_path / name, "m.joblib", dumped(model))
        report, features = inspected.report()
        assert report["engine"] == "python"
        assert [field["name"] for field in features["fields"]] == ["tenure", "charges"]


def test_an_archive_with_a_program_in_the_wrong_place(tmp_path: Path) -> None:
    def write(place: Path) -> None:
        joblib.dump(LinearRegression().fit(NUMBERS, SPENT), place.parent / "m.joblib")
        (place.parent / "inference.py").write_text("def model_fn(folder): pass\n")
        with tarfile.open(place, "w:gz") as archive:
            archive.add(place.parent / "m.joblib", "m.joblib")
            archive.add(place.parent / "inference.py", "inference.py")

    report, _ = Inspected(tmp_path, "model.tar.gz", write).report()
    assert "looks for it in code/" in report["warnings"][0]["message"]


def written(text: str | bytes) -> Any:
    def write(place: Path) -> None:
        place.write_bytes(text.encode() if isinstance(text, str) else text)

    return write


def saved_by_a_later_version(place: Path) -> None:
    booster().save_model(place)
    document = json.loads(place.read_text())
    document["version"] = [4, 0, 0]
    document["learner"]["gradient_booster"] = {"name": "of tomorrow"}
    place.write_text(json.dumps(document))


def with_a_module_of_tomorrow(place: Path) -> None:
    # A global of a module that scikit-learn does not have: what a pickle of another version looks like.
    place.write_bytes(b"csklearn.of_tomorrow\nForest\n.")


@pytest.mark.parametrize(
    ("file", "write", "code", "says"),
    [
        ("m.json", written('{"a": 1}'), "ModelUnreadable", "It is no XGBoost model, or not a whole one"),
        ("m.json", written('{"learner": {"x"'), "ModelUnreadable", "not a whole one"),
        ("m.json", saved_by_a_later_version, "ModelVersion", "saved by XGBoost 4.0"),
        ("m.ubj", written(b"\x00\x01\x02"), "ModelUnreadable", "no XGBoost model"),
        ("m.txt", written("These are words.\n"), "ModelUnreadable", "no LightGBM model"),
        ("m.pkl", written("These are words."), "ModelUnreadable", "no pickled model"),
        ("m.tar.gz", written("These are words."), "ModelUnreadable", "cannot be unpacked"),
        ("m.pkl", written(b"ca_package_of_nobody\nModel\n."), "PackageMissing", "the package a_package_of_nobody"),
        ("m.pkl", with_a_module_of_tomorrow, "ModelVersion", "another version of scikit-learn"),
        ("m.pkl", written(b"c__main__\ndoubled\n."), "ModelNeedsCode", "It needs doubled, which was written in a notebook"),
        ("m.pkl", dumped({"model": 1}), "NotAModel", "a dict, which has no `predict`"),
        ("m.pkl", dumped(StandardScaler().fit(NUMBERS)), "NotAModel", "a StandardScaler, which has no `predict`"),
        ("m.pkl", dumped(LogisticRegression()), "NotAModel", "saved before it was fitted"),
        (
            "m.pkl",
            dumped(MultiOutputClassifier(LogisticRegression()).fit(NUMBERS, np.column_stack([LEFT, ROWS.contract]))),
            "SeveralTargets",
            "several classes at once",
        ),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, file: str, write: Any, code: str, says: str) -> None:
    refusal = Inspected(tmp_path, file, write).refusal()
    assert refusal["code"] == code
    assert says in f"{refusal['what']} {refusal['why']}"
    assert refusal["fix"]


def test_what_is_wrong_with_an_example(tmp_path: Path) -> None:
    model = dumped(LinearRegression().fit(NUMBERS, SPENT))
    for name, example, code, says in (
        ("few", ROWS[["tenure"]], "ExampleMismatch", "It has no charges"),
        ("words", NUMBERS.assign(charges="many"), "ModelFailed", "could not convert string to float"),
        ("none", NUMBERS[:0], "ExampleEmpty", "has no rows"),
    ):
        refusal = Inspected(tmp_path / name, "m.joblib", model, example).refusal()
        assert (refusal["code"], says in f"{refusal['what']} {refusal['why']}") == (code, True)


def test_what_serves_is_small_enough_to_be_read(tmp_path: Path) -> None:
    """AWS keeps 1 KB of a job's message, and the command line takes the JSON apart."""
    refusal = Inspected(tmp_path, "m.pkl", written(b"c" + b"a" * 5000 + b"\nModel\n.")).refusal()
    assert len(json.dumps(refusal)) <= 1024
