"""What a notebook's model is served with: FastAPI and pandas. The model's file is in MODEL."""

import os
from typing import Any

import joblib
import pandas as pd
from fastapi import FastAPI

app = FastAPI()
model = joblib.load(os.environ["MODEL"])


@app.post("/predict")
async def predict(record: dict[str, Any]) -> dict[str, Any]:
    no, yes = model.predict_proba(pd.DataFrame([record]))[0]
    return {"prediction": "Yes" if yes > 0.5 else "No", "probabilities": {"No": float(no), "Yes": float(yes)}}
