"""Why a model that was given cannot be served: what, why, how to fix, as every error of Cauce."""

from __future__ import annotations

import json

from cauce_step import StepError

LONGEST = 420


def refuse(code: str, what: str, why: str, fix: str) -> StepError:
    """The step's reason is JSON, which the command line takes apart; AWS keeps 1 KB of it."""
    return StepError(json.dumps({"code": code, "what": what[:200], "why": one_line(why)[:LONGEST], "fix": fix[:250]}, ensure_ascii=True))


def one_line(text: str) -> str:
    return " ".join(text.replace("}", ")").replace("{", "(").split())
