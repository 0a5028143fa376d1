"""Looks at a model that was given, in a job of its own because a pickle runs code, and makes the model.tar.gz that serves it."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import warnings
from pathlib import Path
from typing import Any

from given_error import one_line, refuse
from given_model import PICKLES, Given, Said, XgboostGiven, load, objective_of

import cauce_xgboost
from cauce_step import path, processing_input, processing_output, read_json, run, write_json

HERE = Path(__file__).resolve().parent
SHARED = ("cauce_features.py", "cauce_request.py", "_build.py", "pyproject.toml")
# What `cauce up` packs: byte for byte, so that the native scorer knows it.
NATIVE = ("inference.py", "cauce_xgboost.py", *SHARED)
OURS = ("given_model.py", "given_request.py", *SHARED)
# Margins of these become answers in the way that the native scorer knows.
SCORED = ("binary:logistic", "multi:softprob", "multi:softmax", "reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror")
# What models are often made with, by the name of the module.
PACKAGES = {
    "lightgbm": "lightgbm",
    "onnxruntime": "onnxruntime",
    "catboost": "catboost",
    "imblearn": "imbalanced-learn",
    "category_encoders": "category-encoders",
    "statsmodels": "statsmodels",
    "skops": "skops",
    "polars": "polars",
}
NEEDED = {"txt": "lightgbm", "onnx": "onnxruntime"}


def inspect() -> None:
    settings = read_json(processing_input("settings", "settings.json"))
    file = Path(processing_input("given", settings["file"]))
    folder = Path(path("made"))
    (folder / "code").mkdir(parents=True)
    notes: list[str] = []
    example = read_rows(settings)
    if file.name.endswith((".tar.gz", ".tgz")):
        unpack(file, folder)
        if (folder / "code" / "inference.py").is_file():
            own_program(settings, folder, example)
            return
        file = only_model(folder, settings["file"])
    install(settings.get("requirements") or "")
    given = open_model(file, notes)
    document = describe_model(given, settings, example, notes)
    make(given, file, folder, document, notes)
    try_out(folder, document)
    finish(folder, document, notes)


def read_rows(settings: dict[str, Any]) -> Any:
    if not settings.get("example"):
        return None
    from given_example import read_example

    return read_example(Path(processing_input("example", settings["example"])))


def unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise refuse(
            "ModelUnreadable", f"{file.name} cannot be unpacked.", str(error), "Give the model.tar.gz of a training job, or the model's own file."
        ) from None


def only_model(folder: Path, name: str) -> Path:
    """The one model file of an artifact that has no program."""
    files = [one for one in folder.rglob("*") if one.is_file() and not one.name.startswith(".")]
    known = [one for one in files if one.suffix[1:] in (*PICKLES, "json", "ubj", "txt", "onnx") or one.name == "xgboost-model"]
    if len(known) != 1:
        why = f"It holds {', '.join(sorted(str(one.relative_to(folder)) for one in files)[:8]) or 'nothing'}; without code/inference.py there must be exactly one model file."  # noqa: E501  # a sentence
        raise refuse("ModelUnreadable", f"{name} cannot be served.", why, "Put a program with model_fn into code/inference.py of the archive.")
    file = known[0].rename(folder.parent / known[0].name)
    shutil.rmtree(folder)
    (folder / "code").mkdir(parents=True)
    return file


def own_program(settings: dict[str, Any], folder: Path, example: Any) -> None:
    """A SageMaker artifact as it is: its own program answers, and only a description is added when it has none."""
    place = folder / "features.json"
    notes: list[str] = []
    if place.is_file():
        document = read_json(str(place))
    else:
        from given_example import describe

        fields = [] if example is None else describe(list(example.columns), {}, example)
        if example is None:
            notes.append("The artifact does not say what its program takes; --example rows.csv would.")
        document = to_document(settings, fields, "regression", [], "number")
        del document["target"]["task"]
        write_json(str(place), document)
    finish(folder, document, notes, own=True)


def install(requirements: str) -> None:
    """What the model needs and the image does not have, into a folder that goes with the model."""
    if requirements.strip() == "":
        return
    place = Path(path("requirements.txt"))
    place.write_text(requirements)
    print(f"installing {', '.join(requirements.split())}", flush=True)
    # With --target pip would bring the image's own packages once more: first it says what is missing, then that alone comes.
    report = json.loads(pip(requirements, "--dry-run", "--report", "-", "-r", str(place)))
    missing = [f"{one['metadata']['name']}=={one['metadata']['version']}" for one in report["install"]]
    if missing:
        pip(requirements, "--no-deps", "--no-compile", "--target", path("packages"), *missing)
    if path("packages") not in sys.path:
        sys.path.insert(0, path("packages"))
    importlib.invalidate_caches()


def pip(requirements: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        why = " ".join(line for line in done.stderr.splitlines() if "ERROR" in line) or done.stderr.strip()
        fix = f"Correct the requirements ({', '.join(requirements.split())[:80]}), or the network."
        raise refuse("RequirementsFailed", "A package that the model needs cannot be installed.", f"pip: {why}", fix)
    return done.stdout


def open_model(file: Path, notes: list[str]) -> Given:
    needed = NEEDED.get(file.suffix[1:].lower())
    if needed:
        install_missing(needed)
    if file.suffix[1:].lower() not in PICKLES:
        cauce_xgboost.load()
    for _ in range(5):
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                given = load(file)
        except ModuleNotFoundError as error:
            module = (error.name or "").split(".", 1)[0]
            if module not in PACKAGES or module in sys.modules:
                raise no_module(file, error) from None
            install_missing(module)
            continue
        except Exception as error:
            raise unreadable(file, error) from None
        notes += version_notes(caught)
        check(given, file)
        return given
    raise refuse(
        "ModelUnreadable", f"{file.name} cannot be loaded.", "It wants package after package.", "Give a model.tar.gz with code/requirements.txt."
    )


def install_missing(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        install(PACKAGES[module])


def no_module(file: Path, error: ModuleNotFoundError) -> Exception:
    why = f"It was pickled with the package {error.name}, which is neither in the image nor one that Cauce knows."
    fix = "Name its package: --requirements requirements.txt; for a module of your own, give a model.tar.gz with it in code/."
    return refuse("PackageMissing", f"{file.name} cannot be loaded.", why, fix)


def unreadable(file: Path, error: Exception) -> Exception:
    text = one_line(str(error).split("Stack trace")[0])
    pickled = file.suffix[1:].lower() in PICKLES
    if pickled and isinstance(error, AttributeError) and "__main__" in text:
        fix = "Move what it names into a module, and give a model.tar.gz with that module and inference.py in code/."
        return refuse("ModelNeedsCode", f"{file.name} cannot be loaded.", f"It needs code that was written in a notebook or a script: {text}", fix)
    if pickled and "sklearn" in text + type(error).__module__:
        fix = f"Save it again with scikit-learn {importlib.metadata.version('scikit-learn')}, or name yours with --requirements."
        return refuse("ModelVersion", f"{file.name} cannot be loaded.", f"It was saved by another version of scikit-learn: {text}", fix)
    return refuse(
        "ModelUnreadable",
        f"{file.name} is not a model that can be loaded.",
        f"{type(error).__name__}: {text}",
        "Give .joblib, .pkl, XGBoost's .json or .ubj, LightGBM's .txt, .onnx or a model.tar.gz.",
    )


def version_notes(caught: list[warnings.WarningMessage]) -> list[str]:
    for one in caught:
        saved = getattr(one.message, "original_sklearn_version", None)
        if saved:
            here = importlib.metadata.version("scikit-learn")
            return [f"The model was saved by scikit-learn {saved}, and is served by {here}: its answers may differ. Save it with {here} to be sure."]
    return []


def check(given: Given, file: Path) -> None:
    if hasattr(given.model, "predict") or type(given).__name__ == "OnnxGiven":
        return
    kind = type(given.model).__name__
    raise refuse(
        "NotAModel",
        f"{file.name} is not a model.",
        f"It holds a {kind}, which has no `predict`.",
        "Save the fitted pipeline itself: joblib.dump(pipeline, file)",
    )


def describe_model(given: Given, settings: dict[str, Any], table: Any, notes: list[str]) -> dict[str, Any]:
    from given_example import columns_of, describe
    from given_hints import hints_of

    columns = columns_of(given.names(), given.width(), table, settings["file"])
    fields = describe(columns, hints_of(given), table)
    first(given, fields)
    own = given.classes()
    task = "regression" if own is None else "binary" if len(own) == 2 else "multiclass"
    classes = settings.get("classes") or own or []
    if own is not None and len(classes) != len(own):
        raise refuse(
            "ClassesMismatch",
            f"--classes names {len(classes)} classes.",
            f"The model has {len(own)}: {own[:10]}.",
            "Name as many, in the model's order, with commas between.",
        )
    extra = [] if table is None else [name for name in table.columns if name not in columns]
    target = settings.get("target") or (extra[0] if len(extra) == 1 else "prediction")
    if table is None:
        notes.append("What the fields hold is guessed from the model; --example rows.csv would show it.")
    document = to_document(settings, fields, task, classes, target)
    document["ignored"] = sorted({*extra, target} - {*columns})
    return document


def first(given: Given, fields: list[Any]) -> Said:
    """Its first answer; some models tell their classes only by it."""
    return given.predict([[field["example"] for field in fields]], fields)


def to_document(settings: dict[str, Any], fields: list[Any], task: str, classes: list[Any], target: str) -> dict[str, Any]:
    about: dict[str, Any] = {"name": target, "task": task}
    if task != "regression":
        about["classes"] = classes
    if task == "binary":
        about["positive"] = classes[1]
    features = [{"name": field["name"], "field": field["name"], "encoding": field["kind"]} for field in fields]
    return {
        "version": 1,
        "source": settings["file"],
        "target": about,
        "fields": fields,
        "features": features,
        "ignored": [],
        "unknownFields": "refuse",
    }


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
    objective, _ = objective_of(given.model)
    trees = '"name":"gbtree"' in given.model.save_config().replace(" ", "") or '"booster":"gbtree"' in given.model.save_config().replace(" ", "")
    return objective in SCORED and trees and len(document["features"]) == given.width()


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
        raise refuse(
            "ModelFailed",
            "The model does not answer.",
            f"Asked for an example: {type(error).__name__}: {error}",
            "Give rows that it answers: --example rows.csv, as it was trained on.",
        ) from None
    finally:
        shutil.rmtree(os.path.join(code, "__pycache__"), ignore_errors=True)
    if status != 200:
        raise refuse(
            "ModelFailed",
            "The model does not answer.",
            f"Asked for an example: {body}",
            "Give rows that it answers: --example rows.csv, as it was trained on.",
        )
    print(f"the model answers {body[:300]}", flush=True)


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


if __name__ == "__main__":
    run(inspect, "message")
