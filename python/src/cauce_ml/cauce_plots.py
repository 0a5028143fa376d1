"""Plots as SVG, written by hand: matplotlib takes half a second to import and half more for a figure."""

from __future__ import annotations

from html import escape

import numpy as np

from cauce_metrics import Floats, confusion
from cauce_quality import roc

SIZE, LEFT, TOP = 360, 70, 40
INK, LINE, FILL = "#333", "#bbb", "#1f6feb"
MOST_DOTS = 1500


def plots(task: str, truth: Floats, outputs: Floats, labels: list[str]) -> dict[str, str]:
    if task == "regression":
        return {"residuals.svg": predicted_and_actual(truth, outputs[:, 0])}
    matrix = {"confusion.svg": confusion_matrix(truth, outputs, labels)}
    if task == "multiclass":
        return matrix
    return {"roc.svg": roc_curve(truth, outputs[:, 1]), "calibration.svg": calibration(truth, outputs[:, 1]), **matrix}


def roc_curve(truth: Floats, score: Floats) -> str:
    curve = roc(truth, score)
    points = list(zip(curve["false_positive_rates"], curve["true_positive_rates"], strict=True))
    return frame("ROC curve", ("false positive rate", "true positive rate"), (0, 1), diagonal() + path(points))


def calibration(truth: Floats, score: Floats) -> str:
    """What share of the rows was positive, for rows of about equal probability."""
    groups = np.array_split(np.argsort(score, kind="stable"), min(10, len(score)))
    points = [(float(score[rows].mean()), float(truth[rows].mean())) for rows in groups]
    return frame("Calibration", ("predicted probability", "share that was positive"), (0, 1), diagonal() + path(points) + dots(points, 4))


def predicted_and_actual(truth: Floats, predicted: Floats) -> str:
    low, high = float(min(truth.min(), predicted.min())), float(max(truth.max(), predicted.max()))
    span = high - low or 1.0
    rows = np.unique(np.linspace(0, len(truth) - 1, min(MOST_DOTS, len(truth))).astype(np.intp))
    points = [((float(truth[row]) - low) / span, (float(predicted[row]) - low) / span) for row in rows]
    return frame("Predicted and actual", ("actual", "predicted"), (low, high), diagonal() + dots(points, 2))


def confusion_matrix(truth: Floats, outputs: Floats, labels: list[str]) -> str:
    matrix = confusion(truth, outputs.argmax(axis=1).astype(np.float64), len(labels))
    cell = SIZE / len(labels)
    body = ""
    for i, row in enumerate(matrix):
        total = max(1, int(row.sum()))
        y = TOP + i * cell
        body += text(LEFT - 6, y + cell / 2 + 4, short(labels[i]), "end") + text(LEFT + i * cell + cell / 2, TOP + SIZE + 16, short(labels[i]))
        for j, count in enumerate(row):
            share = int(count) / total
            x = LEFT + j * cell
            body += f'<rect x="{x:.1f}" y="{y:.1f}" width="{cell:.1f}" height="{cell:.1f}" fill="{FILL}" fill-opacity="{share:.3f}" stroke="{LINE}"/>'
            if len(labels) <= 12:
                body += text(x + cell / 2, y + cell / 2 + 4, f"{int(count):,}", color="#fff" if share > 0.6 else INK)
    return svg("Confusion matrix", ("predicted", "actual"), body)


def frame(title: str, axes: tuple[str, str], ends: tuple[float, float], body: str) -> str:
    box = f'<rect x="{LEFT}" y="{TOP}" width="{SIZE}" height="{SIZE}" fill="none" stroke="{LINE}"/>'
    for share, value in ((0, ends[0]), (0.5, (ends[0] + ends[1]) / 2), (1, ends[1])):
        x, y = place((share, share))
        box += text(x, TOP + SIZE + 16, f"{value:,.4g}") + text(LEFT - 6, y + 4, f"{value:,.4g}", "end")
    return svg(title, axes, box + body)


def svg(title: str, axes: tuple[str, str], body: str) -> str:
    middle = TOP + SIZE / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + SIZE + 20} {TOP + SIZE + 50}" font-family="sans-serif" font-size="11">'
        f'<rect width="100%" height="100%" fill="#fff"/>{text(LEFT + SIZE / 2, 24, title, size=15)}{body}'
        f"{text(LEFT + SIZE / 2, TOP + SIZE + 38, axes[0])}"
        f'<g transform="rotate(-90 14 {middle})">{text(14, middle, axes[1])}</g></svg>\n'
    )


def place(point: tuple[float, float]) -> tuple[float, float]:
    return LEFT + point[0] * SIZE, TOP + (1 - point[1]) * SIZE


def path(points: list[tuple[float, float]]) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, points))
    return f'<polyline points="{joined}" fill="none" stroke="{FILL}" stroke-width="2"/>'


def diagonal() -> str:
    (x1, y1), (x2, y2) = place((0, 0)), place((1, 1))
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{LINE}" stroke-dasharray="4 4"/>'


def dots(points: list[tuple[float, float]], radius: int) -> str:
    return "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{FILL}" fill-opacity="0.5"/>' for x, y in map(place, points))


def text(x: float, y: float, words: str, anchor: str = "middle", *, size: int = 11, color: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{color}">{escape(words)}</text>'


def short(label: str) -> str:
    return label if len(label) <= 12 else f"{label[:11]}…"
