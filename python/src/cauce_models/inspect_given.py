"""Looks at a model that was given, in a job of its own because a pickle runs code, and makes the model.tar.gz that serves it."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

from given_artifact import finish, make, no_answer, try_out
from given_error import refuse
from given_model import PICKLES, Given, Said
from given_open import install, open_model

from cauce_step import path, processing_input, read_json, run, write_json


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
        if (folder / "inference.py").is_file():
            notes.append("The inference.py at the archive's root is not used: SageMaker looks for it in code/.")
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


def describe_model(given: Given, settings: dict[str, Any], table: Any, notes: list[str]) -> dict[str, Any]:
    from given_example import columns_of, describe
    from given_hints import hints_of

    names = ["text"] if given.reads_text and table is None else given.names()
    columns = columns_of(names, given.width(), table, settings["file"])
    fields = describe(columns, {name: {"kind": "text"} for name in columns} if given.reads_text else hints_of(given), table)
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
    try:
        return given.predict([[field["example"] for field in fields]], fields)
    except Exception as error:
        raise no_answer(f"{type(error).__name__}: {error}") from None


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


if __name__ == "__main__":
    run(inspect, "message")
