"""What every step needs: the container's paths, the project's settings, and failures that a person can act on."""

from __future__ import annotations

import difflib
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, Literal, TypedDict, cast


class StepError(Exception):
    """The user can act on it; the text says what failed, why, and what to do."""


class Settings(TypedDict):
    target: str
    task: Literal["binary", "multiclass", "regression"] | None
    positive: str | int | bool | None
    ignore: list[str]
    seed: int
    testFraction: float
    features: dict[str, dict[str, str]]
    unknownFields: Literal["refuse", "ignore"]
    tables: bool
    evaluate: dict[str, Any]


DEFAULTS: Settings = {
    "target": "",
    "task": None,
    "positive": None,
    "ignore": [],
    "seed": 0,
    "testFraction": 0.2,
    "features": {},
    "unknownFields": "refuse",
    "tables": False,
    "evaluate": {},
}


def path(*parts: str) -> str:
    """A path under /opt/ml, or under what stands in for it where that cannot be mounted."""
    arguments = sys.argv[1:]
    root = arguments[arguments.index("--opt-ml") + 1] if "--opt-ml" in arguments[:-1] else os.environ.get("CAUCE_OPT_ML", "/opt/ml")
    return os.path.join(root, *parts)


def processing_input(*parts: str) -> str:
    return path("processing", "input", *parts)


def processing_output(*parts: str) -> str:
    place = path("processing", "output", *parts)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    return place


def read_settings() -> Settings:
    given = {name: value for name, value in read_json(processing_input("settings", "settings.json")).items() if value is not None}
    settings = cast(Settings, {**DEFAULTS, **given})
    if not 0 < settings["testFraction"] < 1:
        raise StepError(f"The settings' testFraction must be between 0 and 1, but it is {settings['testFraction']}.")
    return settings


def read_json(place: str) -> dict[str, Any]:
    try:
        with open(place, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        raise StepError(f"{place} is missing. The step before this one has to write it.") from None
    except ValueError as error:
        raise StepError(f"{place} is not valid JSON: {error}.") from None


def write_json(place: str, value: object) -> None:
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1, allow_nan=False)


def closest(name: str, names: list[str]) -> str:
    """The end of a sentence about a name that is not there."""
    match = difflib.get_close_matches(name.lower(), [known.lower() for known in names], 1)
    if match:
        return f'Did you mean "{next(known for known in names if known.lower() == match[0])}"?'
    listed = ", ".join(f'"{known}"' for known in names[:10])
    return f"There are: {listed}{', …' if len(names) > 10 else ''}."


def run(step: Callable[[], None], failure: str) -> None:
    """Runs a step. `failure` is the file (under /opt/ml/output) that SageMaker reads a reason from.

    Leaves by os._exit, because taking down XGBoost's and Arrow's threads costs tens of milliseconds.
    """
    code, reason = 0, ""
    try:
        step()
    except StepError as error:
        code, reason = 1, str(error)
        print(reason, file=sys.stderr)
    except Exception as error:
        code, reason = 2, f"Internal error: {type(error).__name__}: {error}"
        traceback.print_exc()
    if reason:
        os.makedirs(path("output"), exist_ok=True)
        with open(path("output", failure), "wb") as file:
            # AWS: an ExitMessage is at most 1 KB (botocore, sagemaker model), a FailureReason its first 1,024 characters.
            file.write(reason.encode()[:1024].decode(errors="ignore").encode())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
