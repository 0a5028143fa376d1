"""Opens a model that was given, with the packages that it wants; or says why it cannot be opened, and how to mend that."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

from given_error import one_line, refuse
from given_model import PICKLES, Given, OnnxGiven, load

import cauce_xgboost
from cauce_step import path

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
# Modules that are called otherwise where people install them.
NAMES = {"sklearn": "scikit-learn"}
NEEDED = {"txt": "lightgbm", "onnx": "onnxruntime"}


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
    if needed == "lightgbm" and not file.read_bytes()[:100].lstrip().startswith(b"tree"):
        raise not_one(file, "its first line is not the word tree.")
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
    what = f"{file.name} cannot be loaded."
    package = (error.name or "").split(".", 1)[0]
    if importlib.util.find_spec(package) is not None:
        return other_version(what, package, f"it has no {error.name}")
    why = f"It was pickled with the package {error.name}, which is neither in the image nor one that Cauce knows."
    fix = "Name its package: --requirements requirements.txt; for a module of your own, give a model.tar.gz with it in code/."
    return refuse("PackageMissing", what, why, fix)


def unreadable(file: Path, error: Exception) -> Exception:
    what = f"{file.name} cannot be loaded."
    text = told(error)
    if file.suffix[1:].lower() not in PICKLES:
        newer = newer_format(file, text)
        return refuse("ModelVersion", what, *newer) if newer else not_one(file, f"{type(error).__name__}: {text}")
    if isinstance(error, AttributeError) and "__main__" in text:
        name = re.search(r"attribute '(\w+)'", text)
        why = f"It needs {name[1] if name else 'code'}, which was written in a notebook or a script: pickles hold names, not code."
        fix = "Move what it names into a module, and give a model.tar.gz with that module and inference.py in code/."
        return refuse("ModelNeedsCode", what, why, fix)
    library = next((one for one in ("sklearn", "xgboost", "lightgbm", "numpy", "pandas") if one in text + type(error).__module__), None)
    return other_version(what, library, text) if library else not_one(file, f"{type(error).__name__}: {text}")


def told(error: Exception) -> str:
    """Its own words: without the stack of the library's C++, and where in its source that was."""
    text = re.sub(r"\[\d\d:\d\d:\d\d\] \S+:\d+: ", "", str(error).split("Stack trace")[0])
    # onnxruntime puts the signature of its function before the sentence.
    return one_line(re.sub(r"^\[ONNXRuntimeError\].*? failed:(?:/\S+:\d+ .*\) )?", "", text, flags=re.DOTALL))


def other_version(what: str, package: str, text: str) -> Exception:
    name = NAMES.get(package, package)
    here = version_of(package)
    why = f"It was saved by another version of {name} than {here}, which serves it: {text}"
    return refuse("ModelVersion", what, why, f"Save it again with {name} {here}, or name yours with --requirements.")


def newer_format(file: Path, text: str) -> tuple[str, str] | None:
    """Why and how to fix, of a file that a later version of its library wrote than the one that is here."""
    if file.suffix.lower() == ".onnx":
        if re.search(r"opset|ir_version|IR version", text):
            return f"onnxruntime {version_of('onnxruntime')} does not know its format: {text}", "Convert it again with a lower target_opset."
        return None
    found = re.search(rb'"version"\s*:\s*\[\s*(\d+)\s*,\s*(\d+)', file.read_bytes()) if file.suffix.lower() == ".json" else None
    here = version_of("xgboost")
    if found is None or (int(found[1]), int(found[2])) <= tuple(int(part) for part in here.split(".")[:2]):
        return None
    why = f"It was saved by XGBoost {int(found[1])}.{int(found[2])}, and {here} serves it: {text}"
    return why, f"Save it with XGBoost {here} or an earlier one."


def not_one(file: Path, why: str) -> Exception:
    kind = {".json": "XGBoost", ".ubj": "XGBoost", ".txt": "LightGBM", ".onnx": "ONNX"}.get(file.suffix.lower(), "pickled")
    fix = "Give .joblib, .pkl, XGBoost's .json or .ubj, LightGBM's .txt, .onnx or a model.tar.gz."
    return refuse("ModelUnreadable", f"{file.name} is not a model that can be loaded.", f"It is no {kind} model, or not a whole one: {why}", fix)


def version_of(package: str) -> str:
    for name in (NAMES.get(package, package), f"{package}-cpu"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return str(getattr(importlib.import_module(package), "__version__", "?"))


def version_notes(caught: list[warnings.WarningMessage]) -> list[str]:
    for one in caught:
        saved = getattr(one.message, "original_sklearn_version", None)
        if saved:
            here = version_of("sklearn")
            return [f"The model was saved by scikit-learn {saved}, and is served by {here}: its answers may differ. Save it with {here} to be sure."]
    return []


def check(given: Given, file: Path) -> None:
    if isinstance(given, OnnxGiven):
        return
    kind = type(given.model).__name__
    if not hasattr(given.model, "predict"):
        fix = "Save the fitted pipeline itself: joblib.dump(pipeline, file)"
        raise refuse("NotAModel", f"{file.name} is not a model.", f"It holds a {kind}, which has no `predict`.", fix)
    if type(given) is Given and not is_fitted(given.model):
        why = f"It holds a {kind} that was saved before it was fitted."
        raise refuse("NotAModel", f"{file.name} is not a model yet.", why, "Fit it, then save it: joblib.dump(pipeline.fit(X, y), file)")
    if given.several():
        why = f"The {kind} predicts several classes at once, and an answer holds one prediction."
        fix = "Save a model for each of them, or give a model.tar.gz with an inference.py that says what it answers."
        raise refuse("SeveralTargets", f"{file.name} cannot be served as it is.", why, fix)


def is_fitted(model: Any) -> bool:
    if not type(model).__module__.startswith("sklearn."):
        return True
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except NotFittedError:
        return False
    except TypeError:
        return True
    return True
