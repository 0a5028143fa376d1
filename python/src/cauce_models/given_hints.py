"""What a model knows of its columns by itself: categories that an encoder or a booster has learnt."""

from __future__ import annotations

import math
from typing import Any

from given_model import Given, LightgbmGiven, OnnxGiven, XgboostGiven, plain

Hints = dict[str, dict[str, Any]]


def hints_of(given: Given) -> Hints:
    if isinstance(given, XgboostGiven):
        return of_xgboost(given.model)
    if isinstance(given, LightgbmGiven):
        return {name: {"kind": "number"} for name in given.names() or []} | of_lightgbm(given.model)
    if isinstance(given, OnnxGiven):
        return {
            one.name: {"kind": "text"} if one.type == "tensor(string)" else {"kind": "boolean"} if one.type == "tensor(bool)" else {"kind": "number"}
            for one in given.inputs
        }
    return of_sklearn(given.model)


def of_xgboost(booster: Any) -> Hints:
    names, types = booster.feature_names or [], booster.feature_types or []
    hints: Hints = {name: {"kind": "boolean"} if kind == "i" else {"kind": "number"} for name, kind in zip(names, types, strict=False) if kind != "c"}
    exported = booster.get_categories(export_to_arrow=True) if "c" in types else None
    for name, values in (exported.to_arrow() if exported is not None else []) or []:
        if values is not None:
            hints[name] = {"kind": "category", "categories": [plain(one) for one in values.to_pylist()], "coded": True}
    # A booster of an older version does not say what its codes mean: then they are what is sent.
    return {name: hints.get(name, {"kind": "number"}) for name in names}


def of_lightgbm(booster: Any) -> Hints:
    known = booster.pandas_categorical or []
    names, infos = booster.feature_name(), booster.dump_model(num_iteration=1).get("feature_infos", {})
    # LightGBM keeps the categories without the names; columns that are categories have values and no range.
    categorical = [name for name in names if infos.get(name, {}).get("values")]
    if len(known) != len(categorical):
        return {}
    return {
        name: {"kind": "category", "categories": [plain(one) for one in values], "coded": True}
        for name, values in zip(categorical, known, strict=True)
    }


def of_sklearn(model: Any) -> Hints:
    """Out of the encoders of a ColumnTransformer, wherever it stands in a pipeline."""
    if hasattr(model, "booster_"):
        return of_lightgbm(model.booster_)
    if hasattr(model, "get_booster"):
        return of_xgboost(model.get_booster())
    names = [str(name) for name in getattr(model, "feature_names_in_", [])]
    for step in steps_of(model):
        if hasattr(step, "transformers_"):
            hints: Hints = {}
            for _, transformer, columns in step.transformers_:
                hints |= of_encoder(transformer, [str(names[one]) if isinstance(one, int) and names else str(one) for one in columns_in(columns)])
            return hints
    return {}


def columns_in(columns: Any) -> list[Any]:
    return [columns] if isinstance(columns, str) else list(columns) if hasattr(columns, "__iter__") else []


def steps_of(model: Any) -> list[Any]:
    inner = getattr(model, "best_estimator_", None) or model
    return [step for _, step in getattr(inner, "steps", [])] or [inner]


def of_encoder(transformer: Any, columns: list[str]) -> Hints:
    for step in steps_of(transformer):
        known = getattr(step, "categories_", None)
        if known is not None and len(known) == len(columns):
            return {name: of_categories([plain(one) for one in values]) for name, values in zip(columns, known, strict=True)}
        if hasattr(step, "vocabulary_"):
            return {name: {"kind": "text"} for name in columns}
    return {}


def of_categories(values: list[Any]) -> dict[str, Any]:
    present = [one for one in values if one is not None and not (isinstance(one, float) and math.isnan(one))]
    if present and all(isinstance(one, bool) for one in present):
        return {"kind": "boolean"}
    if not all(isinstance(one, str) for one in present) and not all(isinstance(one, int | float) for one in present):
        return {"kind": "text"}
    return {"kind": "category", "categories": present}
