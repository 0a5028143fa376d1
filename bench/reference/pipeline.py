"""A model that people have already: a scikit-learn pipeline, saved with joblib. Arguments: table.csv model.joblib"""

import sys

import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

table = pd.read_csv(sys.argv[1]).drop(columns=["customerID"])
table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
target = table.pop("Churn")
numbers = [name for name in table.columns if pd.api.types.is_numeric_dtype(table[name])]
categories = [name for name in table.columns if name not in numbers]
columns = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        ("categories", OneHotEncoder(handle_unknown="ignore"), categories),
    ]
)
model = Pipeline([("columns", columns), ("model", LogisticRegression(max_iter=500))])
joblib.dump(model.fit(table, target), sys.argv[2])
