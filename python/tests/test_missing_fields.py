"""A record without some of its fields is answered about as well as what is left of it allows, though no training row lacked any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import xgboost
from numpy.typing import NDArray
from steps import Steps, read_table

Floats = NDArray[np.float32]


def trained(folder: Path, table: pa.Table, target: str, hyperparameters: dict[str, str]) -> tuple[xgboost.Booster, Floats]:
    """The model and the test rows, the target first."""
    steps = Steps(folder, table, {"target": target}, hyperparameters)
    steps.prepare()
    steps.train()
    booster = xgboost.Booster()
    booster.load_model(folder / "model/model.ubj")
    return booster, np.load(folder / "processing/output/test/test.npy")


def without(rows: Floats, share: float) -> Floats:
    gone = np.random.default_rng(1).random(rows.shape) < share
    return np.where(gone, np.float32(np.nan), rows)


def r2(truth: Floats, values: Floats) -> float:
    return float(1 - ((truth - values) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


def sums() -> pa.Table:
    random = np.random.default_rng(0)
    columns = random.normal(size=(600, 4))
    target = 100 + columns @ [4, 3, 2, 1] + random.normal(size=600) / 2
    return pa.table({**{name: columns[:, place] for place, name in enumerate("abcd")}, "y": target})


def test_a_field_that_is_left_out_costs_what_it_told_and_no_more(tmp_path: Path) -> None:
    scores: dict[str, tuple[float, ...]] = {}
    for weight in ("0", "0.02"):
        booster, test = trained(tmp_path / weight, sums(), "y", {"mask_weight": weight})
        scores[weight] = tuple(r2(test[:, 0], booster.inplace_predict(without(test[:, 1:], share))) for share in (0, 0.3, 1))
    (full, some, nothing), (full_before, some_before, nothing_before) = scores["0.02"], scores["0"]
    assert full > full_before - 0.02
    assert some > 0.5 > some_before
    # Of an empty record, the mean is what can be said.
    assert nothing > -0.1 > nothing_before


def test_what_is_left_of_a_penguin_decides(tmp_path: Path) -> None:
    booster, test = trained(tmp_path, read_table("penguins.csv"), "species", {})
    # All of the birds of Torgersen are Adelies.
    alone = np.full((1, test.shape[1] - 1), np.nan, dtype=np.float32)
    alone[0, 0] = 2
    assert booster.inplace_predict(alone)[0].argmax() == 0
    assert (booster.inplace_predict(without(test[:, 1:], 0.3)).argmax(axis=1) == test[:, 0]).mean() > 0.85


def test_a_missing_value_that_tells_something_is_learned_from(tmp_path: Path) -> None:
    table = sums()
    gone = np.random.default_rng(2).random(table.num_rows) < 0.2
    table = table.set_column(3, "d", pa.array(table["d"].to_numpy(), mask=gone))
    table = table.set_column(4, "y", pa.array(np.where(gone, 200.0, table["y"].to_numpy())))
    booster, test = trained(tmp_path, table, "y", {})
    lacking = np.isnan(test[:, 4])
    assert lacking.any()
    assert np.abs(booster.inplace_predict(test[lacking, 1:]) - 200).max() < 10


@pytest.mark.parametrize(("weight", "sentence"), [("2", "must be between 0 and 1, but it is 2."), ("light", 'must be a number, but it is "light".')])
def test_a_weight_that_is_none_is_refused(tmp_path: Path, weight: str, sentence: str) -> None:
    steps = Steps(tmp_path, sums(), {"target": "y"}, {"mask_weight": weight})
    steps.prepare()
    assert steps.run("train").returncode == 1
    assert f"The hyperparameter mask_weight {sentence}" in (tmp_path / "output/failure").read_text(encoding="utf-8")
