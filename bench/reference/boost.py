"""The same training without anything around it: read the table, boost, save. Arguments: table.csv rounds model"""

import sys

import numpy as np
import xgboost

table = np.loadtxt(sys.argv[1], delimiter=",", dtype=np.float32)
data = xgboost.DMatrix(table[:, 1:], label=table[:, 0])
parameters = {"objective": "binary:logistic", "eval_metric": "auc"}
xgboost.train(parameters, data, num_boost_round=int(sys.argv[2]), evals=[(data, "train")]).save_model(sys.argv[3])
