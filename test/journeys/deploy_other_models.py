"""Makes a LightGBM classifier and an ONNX model of the rows that deploy_model.py wrote, with packages that the runtime does not have."""

import json
import os
import subprocess
import sys

os.chdir(sys.argv[1])
packages = ["lightgbm", "narwhals", "onnx", "skl2onnx", "protobuf", "ml_dtypes", "typing_extensions"]
subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", "lib", *packages], check=True, stdout=sys.stderr)
sys.path.append(os.path.abspath("lib"))

import joblib
import lightgbm
import pandas as pd
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

table = pd.read_csv("rows.csv")
rows = table.drop(columns="Churn").astype({"contract": "category"})
light = lightgbm.LGBMClassifier(n_estimators=10, verbose=-1).fit(rows, table.Churn)
joblib.dump(light, "light.joblib")

numbers = rows[["tenure", "charges"]].to_numpy(dtype="float32")
logistic = LogisticRegression().fit(numbers, table.Churn)
with open("open.onnx", "wb") as file:
    file.write(to_onnx(logistic, numbers[:1]).SerializeToString())

print(json.dumps({"lightgbm": light.predict_proba(rows[:1])[0][1], "onnx": logistic.predict_proba(numbers[:1])[0][1]}))
