"""Evaluate: scores on rows the model never saw, beside the champion's on the same rows, and the gate."""

from __future__ import annotations

import os
import tarfile
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

import cauce_xgboost
from cauce_features import Document, label_text, parse
from cauce_metrics import Floats
from cauce_plots import plots
from cauce_quality import quality
from cauce_scores import HIGHER_IS_BETTER, METRICS, Scores, difference_deviation, outputs_of, score
from cauce_split import other_split
from cauce_step import StepError, closest, processing_input, processing_output, read_settings, run, write_json

xgboost = cauce_xgboost.load()
DEFAULT_METRIC = {"binary": "auc", "multiclass": "accuracy", "regression": "r2"}
DEFAULT_AT_LEAST = {"binary": 0.7, "regression": 0.1}


class Model(NamedTuple):
    document: Document
    # None: it answers through an inference.py of its own.
    booster: Any
    place: str


class Gate(NamedTuple):
    metric: str
    bound: str
    threshold: float
    above: bool


def evaluate() -> None:
    model = read_model(processing_input("model", "model.tar.gz"))
    task = model.document["target"]["task"]
    rows = cast("NDArray[np.float32]", np.load(processing_input("test", "test.npy"), allow_pickle=False))
    truth = rows[:, 0].astype(np.float64)
    gate = read_gate(read_settings()["evaluate"], task, truth)
    scores = score(task, truth, own_outputs(model, rows))
    champion = compare(model, gate, truth, scores)
    passed, reason = judge(gate, scores.values[gate.metric], champion)
    labels = [label_text(label) for label in model.document["target"].get("classes", [])]
    drawn = plots(task, truth, scores.outputs, labels)
    report = {
        "version": 0,
        "dataset": {"item_count": len(truth)},
        **quality(task, truth, scores),
        "cauce": {
            "version": 1,
            "task": task,
            "rows": len(truth),
            "metrics": scores.values,
            "classes": model.document["target"].get("classes", []),
            "metric": gate.metric,
            "threshold": {gate.bound: gate.threshold},
            "champion": champion,
            "gate": {"passed": int(passed), "reason": reason},
            "plots": list(drawn),
        },
    }
    write_json(processing_output("evaluation", "evaluation.json"), report)
    for name, svg in drawn.items():
        with open(processing_output("evaluation", name), "w", encoding="utf-8") as file:
            file.write(svg)
    print(" · ".join(f"{name} {value:.4g}" for name, value in scores.values.items()) + f" on {len(truth):,} rows it never saw")
    print(f"{'passed' if passed else 'refused'}: {reason}")


def read_model(place: str) -> Model:
    try:
        with tarfile.open(place) as archive:
            if any(member.name.removeprefix("./") == "code/features.json" for member in archive):
                return Model(parse(read_member(archive, "code/features.json"), "features.json"), None, place)
            document = parse(read_member(archive, "features.json"), "features.json")
            booster = xgboost.Booster()
            booster.load_model(bytearray(read_member(archive, "model.ubj")))
        return Model(document, booster, place)
    except (OSError, ValueError, EOFError, tarfile.TarError, xgboost.core.XGBoostError) as error:
        raise StepError(f"{place} is not a model that this step can read: {str(error).splitlines()[0]}") from None


def own_outputs(model: Model, rows: NDArray[np.float32]) -> Floats:
    if model.booster is None:
        return raw_outputs(model)
    return outputs_of(model.booster, np.ascontiguousarray(rows[:, 1:]), model.document)


def raw_outputs(model: Model) -> Floats:
    """On the test rows as they came."""
    import pyarrow.parquet as pq

    from cauce_script_model import script_outputs
    from cauce_table import encode

    table = pq.read_table(processing_input("test", "test.parquet"))
    if model.booster is None:
        return script_outputs(model.place, model.document, table)
    return outputs_of(model.booster, encode(table, model.document), model.document)


def read_member(archive: tarfile.TarFile, name: str) -> bytes:
    """A file at the archive's root, read without unpacking anything."""
    for member in archive:
        if member.isfile() and member.name.removeprefix("./") == name:
            file = archive.extractfile(member)
            return file.read() if file else b""
    raise ValueError(f"it holds no {name}")


def read_gate(asked: dict[str, Any], task: str, truth: Floats) -> Gate:
    metric = str(asked.get("metric") or DEFAULT_METRIC[task])
    known = list(METRICS[task])
    if metric not in known:
        raise StepError(f'"{metric}" is not a metric of a {task} task. {closest(metric, known)}')
    above = HIGHER_IS_BETTER[metric]
    bound = "atLeast" if above else "atMost"
    threshold = asked.get(bound)
    if threshold is None:
        threshold = default_threshold(task, metric, truth)
    elif isinstance(threshold, bool) or not isinstance(threshold, int | float):
        raise StepError(f'The settings\' evaluate.{bound} must be a number, but it is "{threshold}".')
    return Gate(metric, bound, float(threshold), above)


def default_threshold(task: str, metric: str, truth: Floats) -> float:
    """Better than guessing; without a number for a metric that was chosen, anything passes."""
    if metric != DEFAULT_METRIC[task]:
        return 0.0 if HIGHER_IS_BETTER[metric] else float(np.finfo(np.float64).max)
    if task == "multiclass":
        return round(float(np.unique(truth, return_counts=True)[1].max()) / len(truth), 4)
    return DEFAULT_AT_LEAST[task]


def compare(model: Model, gate: Gate, truth: Floats, scores: Scores) -> dict[str, Any] | None:
    """The champion on the same rows, encoded its own way. Its loss may be chance: the tolerance is one standard
    deviation of the difference over resamples of these rows, so that a model that is as good is refused one time in
    six, and one that is worse by two deviations passes one time in six.
    """
    place = processing_input("champion", "model.tar.gz")
    if not os.path.exists(place):
        return None
    champion = read_model(place)
    ours, theirs = model.document["target"], champion.document["target"]
    if (ours["name"], ours["task"], ours.get("classes")) != (theirs["name"], theirs["task"], theirs.get("classes")):
        return {"comparable": False, "reason": "it predicts something else, or other classes"}
    changed = other_split(model.document.get("split"), champion.document.get("split"))
    if changed:
        return {"comparable": False, "reason": f"it was trained on some of these rows, because {changed}"}
    try:
        outputs = raw_outputs(champion)
    except StepError as error:
        return {"comparable": False, "reason": f"it could not be asked: {error}"}
    metrics = {name: metric(truth, outputs) for name, metric in METRICS[ours["task"]].items()}
    tolerance = difference_deviation(ours["task"], gate.metric, truth, scores.outputs, outputs)
    value = metrics[gate.metric]
    difference = scores.values[gate.metric] - value
    return {"comparable": True, "metrics": metrics, "value": value, "difference": difference, "tolerance": tolerance}


def judge(gate: Gate, value: float, champion: dict[str, Any] | None) -> tuple[bool, str]:
    good = value >= gate.threshold if gate.above else value <= gate.threshold
    sign = ("≥" if good else "<") if gate.above else ("≤" if good else ">")
    reason = f"{gate.metric} {value:.4g} {sign} {gate.threshold:.4g}"
    if not good:
        return False, f"{reason}: it missed by {abs(value - gate.threshold):.2g}"
    if champion is None:
        return True, reason
    if not champion["comparable"]:
        return True, f"{reason}; not compared with the champion: {champion['reason']}"
    loss = -champion["difference"] if gate.above else champion["difference"]
    if loss > champion["tolerance"]:
        worse = f"worse than the champion's {champion['value']:.4g} by {loss:.2g}"
        return False, f"{reason}, but {worse}, which is more than chance (±{champion['tolerance']:.2g})"
    return True, f"{reason}, and no worse than the champion's {champion['value']:.4g} (±{champion['tolerance']:.2g})"


if __name__ == "__main__":
    run(evaluate, "message")
