"""The image's `serve` command: one worker that answers /ping and /invocations on the address in CAUCE_LISTEN."""

from __future__ import annotations

import os
import sys
import traceback

from . import script_serving
from .http_loop import Handler, listen, loop
from .script_mode import SHIMS


def main() -> None:
    # Packages of the image that scripts import from: after everything else, so that nothing is overridden.
    sys.path.append(str(SHIMS))
    try:
        handler = choose()
    except Exception:  # the container's outermost frame
        traceback.print_exc()
        sys.exit(1)
    listener = listen(os.environ["CAUCE_LISTEN"])
    # Whoever started this worker waits for this line.
    print("cauce-container: serving", flush=True)
    loop(listener, handler)


def choose() -> Handler:
    # Each brings its own libraries: only what is used is loaded.
    if "SAGEMAKER_PROGRAM" in os.environ:
        return script_serving.load()
    algorithm = os.environ.get("CAUCE_ALGORITHM", "xgboost")
    if algorithm == "linear-learner":
        from .linear_serving import load
    else:
        from .xgboost_serving import load
    return load()


if __name__ == "__main__":
    main()
