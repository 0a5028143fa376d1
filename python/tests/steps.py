"""Runs the steps as SageMaker would: each a process of its own, on folders that stand in for /opt/ml."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

REPOSITORY = Path(__file__).resolve().parents[2]
CODE = REPOSITORY / "python" / "src" / "cauce_ml"
DATA = REPOSITORY.parent / "shared" / "data"
VECTORS = REPOSITORY / "test" / "vectors" / "records"


def read_table(name: str) -> pa.Table:
    """A table of the shared data, with blanks and NA as missing, as Extract leaves it."""
    place = DATA / name
    if not place.exists():
        raise FileNotFoundError(f"{place} is missing: these tests need the data sets of shared/data beside the repository.")
    text = place.read_bytes().removeprefix(b"\xef\xbb\xbf")
    convert = pyarrow.csv.ConvertOptions(null_values=["", "NA", " "], strings_can_be_null=True)
    return pyarrow.csv.read_csv(pa.BufferReader(text), convert_options=convert)


class Steps:
    """One run of the pipeline's Python steps in `folder`."""

    def __init__(
        self,
        folder: Path,
        table: pa.Table,
        settings: dict[str, Any],
        hyperparameters: dict[str, str] | None = None,
        formats: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        for part in ("processing/input/data", "processing/input/settings", "processing/input/champion", "input/config"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / "processing/input/data/data.parquet")
        columns = [{"name": name, "format": form} for name, form in (formats or {}).items()]
        self.write("processing/input/data/profile.json", {"version": 1, "source": "table.csv", "rows": table.num_rows, "columns": columns})
        self.write("processing/input/settings/settings.json", settings)
        self.write("input/config/hyperparameters.json", hyperparameters or {})

    def write(self, place: str, value: object) -> None:
        (self.folder / place).write_text(json.dumps(value), encoding="utf-8")

    def read(self, place: str) -> Any:
        return json.loads((self.folder / place).read_text(encoding="utf-8"))

    def run(self, step: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "CAUCE_OPT_ML": str(self.folder)}
        return subprocess.run([sys.executable, str(CODE / f"{step}.py")], env=environment, capture_output=True, text=True, check=False)

    def must(self, step: str) -> str:
        done = self.run(step)
        if done.returncode != 0:
            raise AssertionError(f"{step} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def prepare(self) -> str:
        said = self.must("prepare")
        for part in ("train", "validation", "features"):
            shutil.copytree(self.folder / "processing/output" / part, self.folder / "input/data" / part, dirs_exist_ok=True)
        for part in ("test", "features"):
            shutil.copytree(self.folder / "processing/output" / part, self.folder / "processing/input" / part, dirs_exist_ok=True)
        return said

    def train(self) -> str:
        said = self.must("train")
        place = self.folder / "processing/input/model"
        place.mkdir(exist_ok=True)
        with tarfile.open(place / "model.tar.gz", "w:gz") as archive:
            archive.add(self.folder / "model", ".")
        return said

    def evaluate(self) -> dict[str, Any]:
        self.must("evaluate")
        return self.read("processing/output/evaluation/evaluation.json")
