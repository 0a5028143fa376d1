"""Makes the model.tar.gz that serves a model that was given, and lets it answer once before anything is deployed."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import tarfile
from pathlib import Path
from typing import Any

from given_error import refuse
from given_model import PICKLES, Given, XgboostGiven

from cauce_step import path, processing_output, write_json

HERE = Path(__file__).resolve().parent
SHARED = ("cauce_dates.py", "cauce_features.py", "cauce_request.py", "cauce_units.py", "_build.py", "pyproject.toml")
# What `cauce up` packs: byte for byte, so that the native scorer knows it.
NATIVE = ("inference.py", "cauce_xgboost.py", *SHARED)
OURS = ("given_model.py", "given_request.py", *SHARED)
# Margins of these become answers in the way that the native scorer knows.
SCORED = ("binary:logistic", "multi:softprob", "multi:softmax", "reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror")


def make(given: Given, file: Path, folder: Path, document: dict[str, Any], notes: list[str]) -> None:
    if isinstance(given, XgboostGiven) and file.suffix[1:].lower() not in PICKLES and native(given, document):
        booster = given.model
        best = booster.attributes().get("best_iteration")
        if best is not None and int(best) + 1 < booster.num_boosted_rounds():
            booster = booster[: int(best) + 1]
            notes.append(
                f"Early stopping found round {best} best, so the model answers with its first {int(best) + 1} rounds, as XGBClassifier does."
            )
        booster.save_model(folder / "model.ubj")
        copied = {name: name for name in NATIVE}
    else:
        document["model"] = {"file": f"given.{file.suffix[1:].lower() if file.suffix else 'ubj'}"}
        shutil.copy(file, folder / document["model"]["file"])
        copied = {name: name for name in OURS} | {"inference_given.py": "inference.py"}
        if os.path.isdir(path("packages")):
            shutil.move(path("packages"), folder / "code" / "lib")
    for name, there in copied.items():
        shutil.copy(HERE / name, folder / "code" / there)
    write_json(str(folder / "features.json"), document)


def native(given: Given, document: dict[str, Any]) -> bool:
    learner = json.loads(given.model.save_config())["learner"]
    trees = learner["learner_train_param"]["booster"] == "gbtree"
    one = int(learner["learner_model_param"].get("num_target", "1")) == 1
    return learner["objective"]["name"] in SCORED and trees and one and len(document["features"]) == given.width()


def try_out(folder: Path, document: dict[str, Any]) -> None:
    """The program answers the example before anything is deployed."""
    code = str(folder / "code")
    sys.path.insert(0, code)
    for name in ("inference", *(one.removesuffix(".py") for one in OURS)):
        sys.modules.pop(name, None)
    program = importlib.import_module("inference")
    record = {field["name"]: field["example"] for field in document["fields"] if field["example"] is not None}
    try:
        status, body = program.answer(program.model_fn(str(folder)), json.dumps(record), "application/json")
    except Exception as error:
        raise no_answer(f"{type(error).__name__}: {error}") from None
    finally:
        shutil.rmtree(os.path.join(code, "__pycache__"), ignore_errors=True)
    if status != 200:
        raise no_answer(body)
    print(f"the model answers {body[:300]}", flush=True)


def no_answer(said: str) -> Exception:
    fix = "Give rows that it answers: --example rows.csv, as it was trained on."
    return refuse("ModelFailed", "The model does not answer.", f"Asked for an example: {said}", fix)


def finish(folder: Path, document: dict[str, Any], notes: list[str], own: bool = False) -> None:
    archive = processing_output("model", "model.tar.gz")
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for one in sorted(folder.iterdir()):
            tar.add(one, one.name, filter=without_time)
    write_json(processing_output("features", "features.json"), document)
    engine = "own" if own else "python" if "model" in document else "native"
    report = {
        "engine": engine,
        "task": document["target"].get("task"),
        "features": len(document["fields"]),
        "warnings": [{"message": note, "code": "model"} for note in notes],
    }
    write_json(processing_output("features", "report.json"), report)
    print(f"inspected {len(document['fields'])} fields, engine {engine}")


def without_time(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mtime = 0
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
