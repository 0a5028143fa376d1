"""Script mode: the user's program with the SM_* variables and its hyperparameters as arguments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import uuid
from pathlib import Path
from typing import Any

from . import packages
from .failure import CustomerError, write_failure
from .layout import CHANNELS, CODE, CONFIG, MODEL, OPT_ML, OUTPUT, read_config

# Installed by the service before this started, or by ourselves.
PACKAGES = Path(os.environ.get("CAUCE_PACKAGES") or CODE / ".packages")
# Packages of the image that scripts import from.
SHIMS = Path(__file__).parent / "shims"
KEPT_LINES = 40


def train(given: dict[str, str]) -> None:
    hyperparameters = {name: decoded(text) for name, text in given.items()}
    program = str(hyperparameters.get("sagemaker_program") or os.environ["SAGEMAKER_PROGRAM"])
    provide_code(hyperparameters.get("sagemaker_submit_directory"))
    if not (CODE / program).is_file():
        raise CustomerError(f"{program} is not in the code (sagemaker_submit_directory).")
    install_requirements(CODE)
    own = {name: value for name, value in hyperparameters.items() if not name.startswith("sagemaker_")}
    arguments = to_arguments(own)
    environment = script_environment(own, hyperparameters, program, arguments)
    # AWS: packages run by their name, everything else as a module: python3 -m train --eta 0.2
    command = [sys.executable, "-m", program.removesuffix(".py").replace("/", "."), *arguments]
    run(command, environment)


def decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def provide_code(source: Any) -> None:
    """The code from a folder or a tar inside the container; what lies in S3 was brought by the service."""
    CODE.mkdir(parents=True, exist_ok=True)
    if not isinstance(source, str) or source.startswith("s3://"):
        return
    path = Path(source)
    if not path.is_absolute():
        raise CustomerError(f"sagemaker_submit_directory is neither in S3 nor a path of the container: {source}")
    if not source.startswith(str(OPT_ML)):
        path = OPT_ML / path.relative_to("/opt/ml") if source.startswith("/opt/ml/") else path
    if path.is_dir():
        shutil.copytree(path, CODE, copy_function=replace, dirs_exist_ok=True)
    elif path.is_file():
        with tarfile.open(path) as archive:
            archive.extractall(CODE, filter="data")
    else:
        raise CustomerError(f"sagemaker_submit_directory does not exist: {source}")


def install_requirements(folder: Path) -> None:
    """requirements.txt beside the script, unless the service has installed it: it cannot when files beside it are named, or for code in a tar."""
    requirements = folder / "requirements.txt"
    if "CAUCE_PACKAGES" not in os.environ and requirements.is_file():
        packages.install(requirements, PACKAGES)
    os.environ.pop("CAUCE_INSTALLER_ENVIRONMENT", None)


def replace(source: str, target: str) -> None:
    """A worker that serves may have this file in its memory: written over, its process would end; replaced, it keeps the one it has."""
    temporary = f"{target}.{uuid.uuid4().hex}"
    shutil.copy2(source, temporary)
    os.replace(temporary, target)


def to_arguments(hyperparameters: dict[str, Any]) -> list[str]:
    arguments = []
    for name in sorted(hyperparameters):
        value = hyperparameters[name]
        # AWS: one letter gets one dash; true is True; lists and maps stay JSON.
        arguments.append(f"-{name}" if len(name) == 1 else f"--{name}")
        arguments.append(as_text(value))
    return arguments


def as_text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def script_environment(own: dict[str, Any], everything: dict[str, Any], program: str, arguments: list[str]) -> dict[str, str]:
    """AWS: sagemaker-containers 2.8.6, `_env.TrainingEnv.to_env_vars`."""
    resources = read_config("resourceconfig")
    inputs = read_config("inputdataconfig")
    settings: dict[str, Any] = {
        "hosts": resources.get("hosts", ["algo-1"]),
        "network_interface_name": resources.get("network_interface_name", "eth0"),
        "hps": own,
        "user_entry_point": program,
        "framework_params": {name: value for name, value in everything.items() if name.startswith("sagemaker_")},
        "resource_config": resources,
        "input_data_config": inputs,
        "output_data_dir": str(OUTPUT / "data"),
        "channels": sorted(inputs),
        "current_host": resources.get("current_host", "algo-1"),
        "module_name": program.removesuffix(".py"),
        "log_level": 20,
        "framework_module": os.environ.get("SAGEMAKER_TRAINING_MODULE", "sagemaker_xgboost_container.training:main"),
        "input_dir": str(OPT_ML / "input"),
        "input_config_dir": str(CONFIG),
        "output_dir": str(OUTPUT),
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": 0,
        "model_dir": str(MODEL),
        "module_dir": everything.get("sagemaker_submit_directory", str(CODE)),
        "user_args": arguments,
        "output_intermediate_dir": str(OUTPUT / "intermediate"),
    }
    for folder in (OUTPUT / "data", OUTPUT / "intermediate", MODEL):
        folder.mkdir(parents=True, exist_ok=True)
    variables = {f"SM_{name.upper()}": as_text(value) for name, value in settings.items()}
    variables["SM_TRAINING_ENV"] = json.dumps({**settings, "job_name": os.environ.get("TRAINING_JOB_NAME"), "hyperparameters": own})
    variables |= {f"SM_CHANNEL_{name.upper()}": str(CHANNELS / name) for name in inputs}
    variables |= {f"SM_HP_{name.upper()}": as_text(value) for name, value in own.items()}
    path = os.pathsep.join([str(CODE), str(PACKAGES), str(SHIMS)])
    return {**os.environ, **variables, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def run(command: list[str], environment: dict[str, str]) -> None:
    print(f"Invoking script with the following command:\n\n{' '.join(command)}\n", flush=True)
    last: list[str] = []
    process = subprocess.Popen(command, cwd=CODE, env=environment, stderr=subprocess.PIPE, text=True, errors="replace")
    reader = threading.Thread(target=forward, args=(process.stderr, last), daemon=True)
    reader.start()
    code = process.wait()
    reader.join(timeout=5)
    if code == 0:
        return
    # AWS: the toolkit overwrites what the script wrote there. It says only which command failed; the error itself is added here.
    message = last_error(last)
    write_failure(
        "\n".join(
            filter(None, ["ExecuteUserScriptError:", f"ExitCode {code}", message and f'ErrorMessage "{message}"', f'Command "{" ".join(command)}"'])
        )
    )
    sys.exit(code if 0 < code < 256 else 1)


def forward(stream: Any, last: list[str]) -> None:
    for line in stream:
        sys.stderr.write(line)
        sys.stderr.flush()
        last.append(line.rstrip("\n"))
        del last[:-KEPT_LINES]


def last_error(lines: list[str]) -> str:
    """The end of the last traceback, from the place in the script on; else the last line."""
    starts = [index for index, line in enumerate(lines) if line.startswith("Traceback")]
    if not starts:
        return lines[-1] if lines else ""
    trace = lines[starts[-1] :]
    tail = [line for line in trace if not line.startswith(" ")]
    return "\n".join([*[line for line in trace if line.startswith("  File")][-1:], *tail[1:]]).strip()
