"""Trains a model with the steps and writes what inference.py answers to every row of the test part; for test/scoring.

python answer_all.py FILE SETTINGS FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
from steps import CODE, Steps, read_table

sys.path.insert(0, str(CODE))


def main(file: str, settings: str, folder: str) -> None:
    import inference

    steps = Steps(Path(folder), read_table(file), json.loads(settings))
    steps.prepare()
    steps.train()
    model = inference.model_fn(str(steps.folder / "model"))
    records = pq.read_table(steps.folder / "processing/output/test/test.parquet").to_pylist()
    body = json.dumps(records, ensure_ascii=False, default=str)
    (steps.folder / "body.json").write_text(body, encoding="utf-8")
    (steps.folder / "answers.json").write_text(inference.answer(model, body, "application/json")[1], encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
