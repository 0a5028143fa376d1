"""What is said of a project's script that fails: the line of its own code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src/cauce_ml/cauce_run_script.py"


@pytest.mark.parametrize(
    ("script", "place", "said"),
    [
        ("def f(:\n", 'File "train.py", line 1, in <module>', "SyntaxError: "),
        ("import helper\n", 'File "helper.py", line 2, in <module>', "IndentationError: "),
        ("\nimport acme_missing\n", 'File "train.py", line 2, in <module>', "ModuleNotFoundError: "),
        ("def f():\n    exec('1 / 0')\nf()\n", 'File "train.py", line 2, in f', "ZeroDivisionError: "),
    ],
)
def test_names_the_line_of_the_projects_own_code(tmp_path: Path, script: str, place: str, said: str) -> None:
    shutil.copy(SOURCE, tmp_path)
    (tmp_path / "train.py").write_text(script)
    (tmp_path / "helper.py").write_text("if True:\nx = 1\n")
    variables = {**os.environ, "CAUCE_SCRIPT": "train.py", "SM_MODEL_DIR": str(tmp_path / "model")}
    # In the code's folder, as the container starts it: what Python calls <frozen …> lies nowhere, also not here.
    command = [sys.executable, "-m", SOURCE.stem]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.rsplit("Traceback (most recent call last):\n", 1)[-1]
    assert last.startswith(f"  {place}\n{said}")
