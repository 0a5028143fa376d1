"""The built-in XGBoost algorithm: data, hyperparameters, log lines, model, server."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import xgboost

from .conftest import Container, ask


def table(rows: int = 200, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, 3))
    label = (features[:, 0] > 0).astype(float)
    return np.column_stack([label, features])


def as_csv(rows: np.ndarray) -> str:
    return "\n".join(",".join(f"{value:.4f}" for value in row) for row in rows)


def as_libsvm(rows: np.ndarray) -> str:
    return "\n".join(f"{row[0]:g} " + " ".join(f"{i}:{value:.4f}" for i, value in enumerate(row[1:])) for row in rows)


def test_trains_on_csv_and_tells_each_round(container: Container) -> None:
    container.write("input/data/train/a.csv", as_csv(table()))
    container.write("input/data/train/b.csv", as_csv(table(seed=1)))
    container.write("input/data/validation/a.csv", as_csv(table(seed=2)))
    container.configure({"num_round": "5", "objective": "binary:logistic", "eval_metric": "auc,accuracy"}, train="text/csv", validation="text/csv")
    done = container.train()
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert len(lines) == 5
    assert re.fullmatch(r"\[4\]#011train-auc:[\d.]+#011train-accuracy:[\d.]+#011validation-auc:[\d.]+#011validation-accuracy:[\d.]+", lines[4])
    assert "Train matrix has 400 rows and 3 columns" in done.stdout
    model = (container.folder / "model" / "xgboost-model").read_bytes()
    assert model[:1] == b"{"
    assert model[1:2] != b'"'  # UBJSON, not JSON
    assert xgboost.Booster(model_file=bytearray(model)).num_boosted_rounds() == 5


def test_takes_libsvm_without_a_content_type(container: Container) -> None:
    container.write("input/data/train/a", as_libsvm(table()))
    container.configure({"num_round": '"2"'}, train="")
    done = container.train()
    assert done.returncode == 0, done.stderr
    assert "train-rmse" in done.stdout


def test_stops_early_with_the_best_model(container: Container) -> None:
    random = np.random.default_rng(0)
    for channel in ("train", "validation"):
        noise = np.column_stack([random.integers(0, 2, 200), random.normal(size=(200, 3))])
        container.write(f"input/data/{channel}/a.csv", as_csv(noise))
    hyperparameters = {"num_round": "200", "objective": "binary:logistic", "eval_metric": "logloss", "early_stopping_rounds": "3"}
    container.configure(hyperparameters, train="text/csv", validation="text/csv")
    done = container.train()
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    scores = [float(line.rpartition(":")[2]) for line in lines]
    assert len(lines) < 50
    booster = xgboost.Booster(model_file=bytearray((container.folder / "model" / "xgboost-model").read_bytes()))
    assert booster.num_boosted_rounds() == scores.index(min(scores)) + 1


@pytest.mark.parametrize(
    ("hyperparameters", "sentence"),
    [
        ({}, "Missing required hyperparameter: num_round"),
        ({"num_round": "x"}, "Hyperparameter num_round: could not parse 'x' as an integer"),
        ({"num_round": "0"}, "Hyperparameter num_round: 0 is not in [1, +inf]"),
        ({"num_round": "1", "eta": "2"}, "Hyperparameter eta: 2.0 is not in [0, 1]"),
        ({"num_round": "1", "subsample": "0"}, "Hyperparameter subsample: 0 must be greater than 0"),
        ({"num_round": "1", "colour": "blue"}, "Extraneous hyperparameter found: colour"),
        ({"num_round": "1", "objective": "multi:softmax"}, "Require input for parameter 'num_class' for multi-classification"),
        ({"num_round": "1", "eval_metric": "beauty"}, "Hyperparameter eval_metric: beauty is not a metric of this algorithm"),
        ({"num_round": "1", "early_stopping_rounds": "2"}, "early_stopping_rounds needs a validation channel."),
    ],
)
def test_refuses_what_the_caller_can_cure(container: Container, hyperparameters: dict[str, str], sentence: str) -> None:
    container.write("input/data/train/a.csv", as_csv(table(20)))
    container.configure(hyperparameters, train="text/csv")
    done = container.train()
    assert done.returncode == 2
    assert container.failure() == f"Customer Error: {sentence}"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("label,a\n1,2\n0,3\n", "is not numeric"),
        ("1,2\n1,2,3\n", "could not be read as CSV"),
        ("1\n0\n", "one column only"),
        (",1\n0,2\n", "rows without a label"),
    ],
)
def test_says_what_is_wrong_with_the_data(container: Container, text: str, sentence: str) -> None:
    container.write("input/data/train/a.csv", text)
    container.configure({"num_round": "1"}, train="text/csv")
    assert container.train().returncode == 2
    assert sentence in container.failure()


def test_serves_a_model(container: Container) -> None:
    rows = table()
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(rows[:, 1:], label=rows[:, 0]), 3)
    (container.folder / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    wanted = booster.predict(xgboost.DMatrix(rows[:2, 1:])).tolist()
    with container.serve() as connection:
        connection.request("GET", "/ping")
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"")
        status, kind, body = ask(connection, "\n".join(",".join(repr(float(value)) for value in row[1:]) for row in rows[:2]), "text/csv")
        assert (status, kind) == (200, "text/csv; charset=utf-8")
        assert [float(part) for part in body.split(",")] == pytest.approx(wanted, rel=1e-6)
        status, kind, body = ask(connection, "0:1.5 2:0.25", "text/libsvm", "application/json")
        assert (status, kind) == (200, "application/json")
        assert list(json.loads(body)["predictions"][0]) == ["score"]
        assert ask(connection, "1,2", "text/csv")[0] == 400
        assert ask(connection, "{}", "application/json")[0] == 415
        assert ask(connection, "", "text/csv")[0] == 204
