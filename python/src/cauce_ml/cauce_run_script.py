"""Runs a project's own script unchanged: as SageMaker's script mode does for training, as a processing script otherwise.

After training, what serves the model is put beside it: the project's code with its inference.py, or ours. Standard
library only, because it travels with the project's code and knows nothing of its packages.
"""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import traceback

# Ours, for a project without an inference.py: its name there, and in the code prefix.
SERVED = {
    "inference.py": "cauce_script_inference.py",
    "cauce_dates.py": "cauce_dates.py",
    "cauce_features.py": "cauce_features.py",
    "cauce_request.py": "cauce_request.py",
    "cauce_units.py": "cauce_units.py",
}


def main() -> None:
    code = os.path.dirname(os.path.abspath(__file__))
    script = os.environ["CAUCE_SCRIPT"]
    training = "SM_MODEL_DIR" in os.environ
    if not training:
        sys.path.insert(0, install(code))
    sys.path.insert(0, code)
    run(code, script)
    if training:
        finish(code, script, os.environ["SM_MODEL_DIR"])


def install(code: str) -> str:
    """In training the container installs requirements.txt; a processing job has to do so itself."""
    folder = tempfile.mkdtemp()
    requirements = os.path.join(code, "requirements.txt")
    if os.path.exists(requirements):
        with open(requirements, "rb") as file:
            ready = json.loads(os.environ.get("CAUCE_READY_PACKAGES", "{}")).get(hashlib.sha256(file.read()).hexdigest())
        if ready:
            return str(ready)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--target", folder, "-r", requirements]
        if subprocess.run(command, check=False).returncode != 0:
            stop("requirements.txt could not be installed; pip's lines say why.")
    return folder


def run(code: str, script: str) -> None:
    path = os.path.join(code, script)
    sys.argv[0] = path
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
    except Exception as error:
        explain(error, code)
        sys.exit(1)


def explain(error: Exception, code: str) -> None:
    """The whole trace without our frames; then the line of the project's own code alone, which is what a reason is made of."""
    told = traceback.TracebackException.from_exception(error)
    own = [place for place, frame in enumerate(told.stack) if is_own(frame.filename, code)]
    del told.stack[: own[0] if own else len(told.stack)]
    lines = list(told.format())
    print("".join(lines), file=sys.stderr, end="")
    last = next((frame for frame in reversed(told.stack) if is_own(frame.filename, code)), None)
    said = list(told.format_exception_only())[-1].strip()
    if isinstance(error, SyntaxError) and error.filename and is_own(error.filename, code):
        place = f'File "{os.path.relpath(error.filename, code)}", line {error.lineno}, in <module>'
    elif last is not None:
        place = f'File "{os.path.relpath(last.filename, code)}", line {last.lineno}, in {last.name}'
    else:
        return
    print(f"Traceback (most recent call last):\n  {place}\n{said}", file=sys.stderr, flush=True)
    note(f"{place}\n{said}")


def is_own(file: str, code: str) -> bool:
    if file.startswith("<"):
        # Python's own, e.g. <frozen runpy>: it lies nowhere.
        return False
    place = os.path.abspath(file)
    return place.startswith(code + os.sep) and f"{os.sep}.packages{os.sep}" not in place and place != os.path.abspath(__file__)


def stop(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
    note(sentence)
    sys.exit(1)


def note(sentence: str) -> None:
    """A processing job's ExitMessage; script mode has a way of its own."""
    if "SM_MODEL_DIR" in os.environ:
        return
    folder = os.path.join(os.environ.get("CAUCE_OPT_ML", "/opt/ml"), "output")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "message"), "wb") as file:
        file.write(sentence.encode()[:1024].decode(errors="ignore").encode())


def finish(code: str, script: str, model: str) -> None:
    if not any(files for _, _, files in os.walk(model)):
        example = "joblib.dump(model, os.path.join(args.model_dir, 'model.joblib'))"
        stop(f"{script} saved nothing in SM_MODEL_DIR ({model}). Save the model there, e.g. {example}.")
    target = os.path.join(model, "code")
    copy(code, target)
    ours = os.environ["SM_CHANNEL_CAUCE"]
    if not os.path.exists(os.path.join(target, "inference.py")):
        for name, source in SERVED.items():
            shutil.copyfile(os.path.join(ours, source), os.path.join(target, name))
    shutil.copyfile(os.path.join(os.environ["SM_CHANNEL_FEATURES"], "features.json"), os.path.join(target, "features.json"))


def copy(code: str, target: str) -> None:
    """What the script itself put into model/code stays."""
    for folder, folders, files in os.walk(code):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        for name in files:
            source = os.path.join(folder, name)
            place = os.path.join(target, os.path.relpath(source, code))
            if name != os.path.basename(__file__) and not name.startswith(".") and not os.path.exists(place):
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.copyfile(source, place)


if __name__ == "__main__":
    main()
