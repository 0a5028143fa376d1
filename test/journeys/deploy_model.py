"""Makes the models that the journey deploys, as people make them; run by the runtime's Python. Prints what they answer themselves."""

import json
import os
import pickle
import sys
import tarfile

import joblib
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

os.chdir(sys.argv[1])
random = np.random.default_rng(0)
rows = 300
table = pd.DataFrame(
    {
        "tenure": random.integers(0, 72, rows),
        "charges": random.normal(60, 20, rows).round(2),
        "contract": random.choice(["Month", "One", "Two"], rows),
        "paperless": random.choice([True, False], rows),
    }
)
left = np.where((table.tenure < 20) & (table.contract == "Month"), "Yes", "No")
table.assign(Churn=left).to_csv("rows.csv", index=False)

columns = make_column_transformer((OneHotEncoder(), ["contract"]), (StandardScaler(), ["tenure", "charges"]), ("passthrough", ["paperless"]))
pipeline = make_pipeline(columns, LogisticRegression()).fit(table, left)
joblib.dump(pipeline, "pipeline.joblib")

coded = table[["tenure", "contract"]].astype({"contract": "category"})
classifier = xgb.XGBClassifier(n_estimators=20, enable_categorical=True).fit(coded, left == "Yes")
classifier.save_model("classifier.ubj")
regressor = xgb.XGBRegressor(n_estimators=10, objective="count:poisson").fit(table[["charges"]], table.tenure)
regressor.save_model("counts.json")

with open("dict.pkl", "wb") as file:
    pickle.dump({"model": pipeline}, file)


class Missing:
    def __reduce__(self):
        return (exec, ("import a_package_of_nobody",))


with open("wants.pkl", "wb") as file:
    pickle.dump(Missing(), file)

os.makedirs("code", exist_ok=True)
with open("code/inference.py", "w") as file:
    file.write(
        "import json, os, joblib, pandas\n"
        "def model_fn(folder): return joblib.load(os.path.join(folder, 'pipeline.joblib'))\n"
        "def input_fn(data, content_type): return pandas.DataFrame([json.loads(data)])\n"
        "def predict_fn(rows, model): return model.predict(rows)\n"
        "def output_fn(labels, accept): return json.dumps({'mine': list(labels)}), 'application/json'\n"
    )
with tarfile.open("model.tar.gz", "w:gz") as archive:
    archive.add("code")
    archive.add("pipeline.joblib")

print(
    json.dumps(
        {
            "record": json.loads(table.iloc[:1].to_json(orient="records"))[0],
            "pipeline": pipeline.predict_proba(table[:1])[0].tolist(),
            "classifier": classifier.predict_proba(coded[:1])[0].tolist(),
            "counts": float(regressor.predict(table[["charges"]][:1])[0]),
        }
    )
)
