"""How a container tells why it failed: a file, and an exit code. docs/contracts/training-container.md has the table."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

from .layout import OUTPUT

ALGORITHM_ERROR = 1
CUSTOMER_ERROR = 2


class CustomerError(Exception):
    """What the caller can cure: a hyperparameter, the data."""


def write_failure(text: str) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "failure").write_text(text)


def fail(error: BaseException) -> NoReturn:
    """Ends the container as the images do: the reason in the file, the trace in the log."""
    if isinstance(error, CustomerError):
        write_failure(f"Customer Error: {error}")
        print(f"Customer Error: {error}", file=sys.stderr, flush=True)
        sys.exit(CUSTOMER_ERROR)
    traceback.print_exception(error)
    write_failure(f"Algorithm Error: {type(error).__name__}: {error}")
    sys.exit(ALGORITHM_ERROR)
