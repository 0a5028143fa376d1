"""Trains a random forest in SageMaker's script mode."""

import argparse
import os

import joblib
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from preparation import preparation

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--n-estimators", type=int, default=100)
    parser.add_argument("--min-samples-leaf", type=int, default=1)
    parser.add_argument("--model-dir", type=str, default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--train", type=str, default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--validation", type=str, default=os.environ.get("SM_CHANNEL_VALIDATION"))
    args = parser.parse_args()

    train = pd.read_csv(os.path.join(args.train, "train.csv"))
    validation = pd.read_csv(os.path.join(args.validation, "validation.csv"))

    model = make_pipeline(
        preparation(train.drop(columns="species")),
        RandomForestClassifier(n_estimators=args.n_estimators, min_samples_leaf=args.min_samples_leaf, random_state=0),
    )
    model.fit(train.drop(columns="species"), train["species"])
    accuracy = model.score(validation.drop(columns="species"), validation["species"])
    print(f"validation-accuracy={accuracy:.4f};")

    joblib.dump(model, os.path.join(args.model_dir, "model.joblib"))
