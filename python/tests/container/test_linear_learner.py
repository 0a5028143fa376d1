"""The built-in linear learner: kinds of models, its documented answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from .conftest import Container, ask

RANDOM = np.random.default_rng(0)
FEATURES = RANDOM.normal(size=(600, 2))
LABELS = {
    "binary_classifier": (FEATURES @ [2, -1] > 0).astype(float),
    "multiclass_classifier": np.digitize(FEATURES[:, 0], [-0.5, 0.5]).astype(float),
    "regressor": FEATURES @ [3, -2] + 5,
}


def train(container: Container, predictor: str, **more: str) -> None:
    rows = np.column_stack([LABELS[predictor], FEATURES])
    container.write("input/data/train/a.csv", "\n".join(",".join(f"{value:.6f}" for value in row) for row in rows))
    container.configure({"predictor_type": predictor, "feature_dim": "2", **more}, train="text/csv")
    done = container.train("linear-learner")
    assert done.returncode == 0, done.stderr


def answers(container: Container, body: Any) -> list[dict[str, Any]]:
    with container.serve(CAUCE_ALGORITHM="linear-learner") as connection:
        status, kind, text = ask(connection, json.dumps(body))
        assert (status, kind) == (200, "application/json"), text
        return json.loads(text)["predictions"]


def test_answers_two_classes_with_score_and_label(container: Container) -> None:
    train(container, "binary_classifier")
    sure, not_at_all = answers(container, {"instances": [{"features": [2, -2]}, {"data": {"features": {"values": [-2, 2]}}}]})
    assert list(sure) == ["score", "predicted_label"]
    assert (sure["predicted_label"], not_at_all["predicted_label"]) == (1, 0)
    assert 0.99 < sure["score"] <= 1
    assert 0 <= not_at_all["score"] < 0.01


def test_answers_many_classes_with_a_score_each(container: Container) -> None:
    train(container, "multiclass_classifier", num_classes="4")
    (one,) = answers(container, {"instances": [{"features": [2, 0]}]})
    assert one["predicted_label"] == 2
    assert len(one["score"]) == 4
    assert sum(one["score"]) == pytest.approx(1)
    assert one["score"][3] == 0


@pytest.mark.parametrize("more", [{}, {"loss": "absolute_loss"}, {"loss": "huber_loss"}, {"normalize_data": "false"}])
def test_answers_numbers(container: Container, more: dict[str, str]) -> None:
    train(container, "regressor", **more)
    (one,) = answers(container, {"instances": [{"features": [1, 1]}]})
    assert one == {"score": pytest.approx(6, abs=0.05)}


def test_writes_a_model_that_anybody_can_read(container: Container) -> None:
    train(container, "regressor")
    model = json.loads((container.folder / "model" / "model_algo-1").read_text())
    assert (model["format"], model["version"], model["feature_dim"]) == ("cauce-linear", 1, 2)
    assert model["weights"][0] == pytest.approx([3, -2], abs=1e-3)
    assert model["bias"] == pytest.approx([5], abs=1e-3)


def test_answers_lines_and_tables_and_refuses_the_rest(container: Container) -> None:
    train(container, "binary_classifier")
    with container.serve(CAUCE_ALGORITHM="linear-learner") as connection:
        status, kind, body = ask(connection, "2,-2\n-2,2", "text/csv", "application/jsonlines")
        assert (status, kind) == (200, "application/jsonlines")
        assert [json.loads(line)["predicted_label"] for line in body.splitlines()] == [1, 0]
        assert ask(connection, "1,2,3", "text/csv")[0] == 400
        assert ask(connection, "{}")[0] == 400
        assert ask(connection, "x", "image/png")[0] == 415


@pytest.mark.parametrize(
    ("hyperparameters", "sentence"),
    [
        ({}, "Missing required hyperparameter: predictor_type"),
        ({"predictor_type": "binary_classifier", "feature_dim": "3"}, "The feature dimension 2 of channel train does not match feature_dim 3."),
        ({"predictor_type": "multiclass_classifier"}, "Missing required hyperparameter: num_classes (predictor_type is multiclass_classifier)"),
    ],
)
def test_refuses_what_the_caller_can_cure(container: Container, hyperparameters: dict[str, str], sentence: str) -> None:
    container.write("input/data/train/a.csv", "1,2,3\n0,4,5\n")
    container.configure(hyperparameters, train="text/csv")
    assert container.train("linear-learner").returncode == 2
    assert container.failure() == f"Customer Error: {sentence}"
