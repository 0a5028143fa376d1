"""The image's `train` command: the script that the hyperparameters name, or else the built-in algorithm."""

from __future__ import annotations

import os

from . import script_mode
from .failure import CustomerError, fail
from .layout import read_config


def main() -> None:
    hyperparameters = read_config("hyperparameters")
    try:
        if "sagemaker_program" in hyperparameters or "SAGEMAKER_PROGRAM" in os.environ:
            script_mode.train(hyperparameters)
        else:
            built_in(os.environ.get("CAUCE_ALGORITHM", "xgboost"), hyperparameters)
    except Exception as error:  # the container's outermost frame
        fail(error)


def built_in(algorithm: str, hyperparameters: dict[str, str]) -> None:
    # Each brings its own libraries: only what is used is loaded.
    if algorithm == "xgboost":
        from .xgboost_algorithm import train
    elif algorithm == "linear-learner":
        from .linear_learner import train
    else:
        raise CustomerError(f"There is no algorithm {algorithm}.")
    train(hyperparameters)


if __name__ == "__main__":
    main()
