"""Reads a channel of numbers: CSV without a header and with the label first, libsvm, or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failure import CustomerError
from .layout import channel_files, read_config

if TYPE_CHECKING:
    import numpy as np

CSV = ("text/csv", "csv")
LIBSVM = ("text/libsvm", "text/x-libsvm", "libsvm")
PARQUET = ("application/x-parquet", "parquet")


def read_channel(name: str) -> tuple[Any, np.ndarray] | None:
    """(features, labels); features are dense, or sparse for libsvm. None when there is no such channel."""
    configured = read_config("inputdataconfig").get(name)
    if configured is None:
        return None
    files = channel_files(name)
    if not files:
        raise CustomerError(f"No data was found in channel {name}. Please check the S3 address of the channel.")
    # AWS: without a content type the built-in algorithm expects libsvm.
    content_type = (configured.get("ContentType") or "text/libsvm").split(";")[0].strip().lower()
    if content_type in CSV:
        return first_column_apart(stacked([read_csv(path) for path in files], name))
    if content_type in LIBSVM:
        return read_libsvm(files)
    if content_type in PARQUET:
        return first_column_apart(stacked([read_parquet(path) for path in files], name))
    raise CustomerError(f"{content_type} is not an accepted ContentType: {', '.join((*CSV, *LIBSVM, *PARQUET))}.")


def read_csv(path: Path) -> np.ndarray:
    import pyarrow
    from pyarrow import csv

    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(autogenerate_column_names=True),
            convert_options=csv.ConvertOptions(null_values=["", "NA", "NaN", "nan", "null", "?"], strings_can_be_null=True),
        )
    except pyarrow.ArrowInvalid as error:
        raise CustomerError(f"{path.name} could not be read as CSV: {error}") from error
    return to_matrix(table, path.name)


def read_parquet(path: Path) -> np.ndarray:
    from pyarrow import parquet

    return to_matrix(parquet.read_table(path), path.name)


def to_matrix(table: Any, name: str) -> np.ndarray:
    import numpy as np
    import pyarrow

    matrix = np.empty((table.num_rows, table.num_columns), dtype=np.float32)
    for index, column in enumerate(table.columns):
        try:
            matrix[:, index] = column.cast(pyarrow.float64()).to_numpy()
        except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError):
            first = next((str(value) for value in column.to_pylist() if isinstance(value, str)), "")
            raise CustomerError(
                f"Column {index + 1} of {name} is not numeric ({first[:40]!r}). A header line and text are not accepted: "
                "numbers only, with the label in the first column."
            ) from None
    return matrix


def stacked(parts: list[np.ndarray], channel: str) -> np.ndarray:
    import numpy as np

    if len({part.shape[1] for part in parts}) > 1:
        raise CustomerError(f"The files of channel {channel} do not have the same number of columns.")
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def first_column_apart(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if matrix.shape[1] < 2:
        raise CustomerError("The data has one column only: the label and at least one feature are needed.")
    return matrix[:, 1:], matrix[:, 0]


def read_libsvm(files: list[Path]) -> tuple[Any, np.ndarray]:
    import numpy as np
    from scipy import sparse
    from sklearn import datasets

    # What its signature says is narrower than what it takes.
    load: Any = datasets.load_svmlight_files

    try:
        # AWS: XGBoost counts libsvm's columns from 0, as they are written.
        parts = load([str(path) for path in files], dtype=np.float32, zero_based=True)
    except ValueError as error:
        raise CustomerError(
            f"The data could not be read as libsvm: {error}. Set the channel's ContentType (text/csv) if it is another format."
        ) from error
    return sparse.vstack(parts[0::2]).tocsr(), np.concatenate(parts[1::2])
