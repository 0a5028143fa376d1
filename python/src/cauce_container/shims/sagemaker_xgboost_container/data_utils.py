"""Folders of training data to matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xgboost


def get_dmatrix(data_path: str, content_type: str, csv_weights: int = 0, is_pipe: bool = False) -> xgboost.DMatrix | None:
    """CSV (label first), libsvm or Parquet; None when there is nothing."""
    if is_pipe:
        raise NotImplementedError("Pipe mode does not exist here.")
    path = Path(data_path)
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "_")))
    if not files:
        return None
    kind = content_type.split(";", maxsplit=1)[0].strip().lower().removeprefix("text/").removeprefix("x-").removeprefix("application/x-")
    if kind == "libsvm":
        from scipy import sparse
        from sklearn import datasets

        # What its signature says is narrower than what it takes.
        load: Any = datasets.load_svmlight_files

        parts = load([str(file) for file in files], dtype=np.float32, zero_based=True)
        return xgboost.DMatrix(sparse.vstack(parts[0::2]).tocsr(), label=np.concatenate(parts[1::2]))
    if kind == "parquet":
        from pyarrow import parquet

        matrix = np.concatenate([parquet.read_table(file).to_pandas().to_numpy(dtype=np.float32) for file in files])
    elif kind == "csv":
        matrix = np.concatenate([np.genfromtxt(file, delimiter=",", dtype=np.float32, ndmin=2) for file in files])
    else:
        raise ValueError(f"{content_type} is not an accepted content type: csv, libsvm, parquet.")
    if csv_weights == 1:
        return xgboost.DMatrix(matrix[:, 2:], label=matrix[:, 0], weight=matrix[:, 1])
    return xgboost.DMatrix(matrix[:, 1:], label=matrix[:, 0])
