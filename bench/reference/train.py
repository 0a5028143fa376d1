"""What a notebook ends with: a scikit-learn pipeline around XGBoost, saved with joblib. Arguments: table.csv model.joblib"""

import sys

import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder
from xgboost import XGBClassifier

table = pd.read_csv(sys.argv[1]).drop(columns=["customerID"])
table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
target = (table.pop("Churn") == "Yes").astype(int)
categories = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
columns = ColumnTransformer([("categories", OneHotEncoder(handle_unknown="ignore"), categories)], remainder="passthrough")
model = Pipeline([("columns", columns), ("model", XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1))])
joblib.dump(model.fit(table, target), sys.argv[2])
