"""What the gate says of a score, and by how much it was missed."""

from __future__ import annotations

from typing import Any

import pytest

from evaluate import Gate, judge


def champion(difference: float) -> dict[str, Any]:
    return {"comparable": True, "value": 0.9, "difference": difference, "tolerance": 0.01}


@pytest.mark.parametrize(
    ("gate", "value", "against", "passed", "reason"),
    [
        (Gate("auc", "atLeast", 0.8, True), 0.84, None, True, "auc 0.84 ≥ 0.8"),
        (Gate("auc", "atLeast", 0.99, True), 0.84, None, False, "auc 0.84 < 0.99: it missed by 0.15"),
        (Gate("rmse", "atMost", 10, False), 12.5, None, False, "rmse 12.5 > 10: it missed by 2.5"),
        (
            Gate("auc", "atLeast", 0.8, True),
            0.85,
            champion(-0.05),
            False,
            "auc 0.85 ≥ 0.8, but worse than the champion's 0.9 by 0.05, which is more than chance (±0.01)",
        ),
        (Gate("auc", "atLeast", 0.8, True), 0.895, champion(-0.005), True, "auc 0.895 ≥ 0.8, and no worse than the champion's 0.9 (±0.01)"),
    ],
)
def test_a_gate_says_why(gate: Gate, value: float, against: dict[str, Any] | None, passed: bool, reason: str) -> None:
    assert judge(gate, value, against) == (passed, reason)
