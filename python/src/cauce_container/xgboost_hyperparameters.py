"""AWS: the hyperparameters of the built-in XGBoost, with their ranges. docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters"""

from __future__ import annotations

from .failure import CustomerError
from .hyperparameters import Check, integer, number, one_of, plain
from .xgboost_metrics import is_metric

OBJECTIVES = (
    "binary:logistic binary:logitraw binary:hinge count:poisson multi:softmax multi:softprob rank:pairwise rank:ndcg rank:map reg:linear "
    "reg:squarederror reg:logistic reg:gamma reg:pseudohubererror reg:squaredlogerror reg:absoluteerror reg:tweedie survival:aft survival:cox"
).split()

REQUIRED = ("num_round",)


def objective(name: str, text: str) -> str:
    # AWS: reg:linear is the old name and still taken.
    return "reg:squarederror" if text == "reg:linear" else one_of(*OBJECTIVES)(name, text)


def metrics(name: str, text: str) -> list[str]:
    names = [part.strip() for part in text.strip("[]").replace("'", "").replace('"', "").split(",") if part.strip()]
    for metric in names:
        if not is_metric(metric):
            raise CustomerError(f"Hyperparameter {name}: {metric} is not a metric of this algorithm")
    return names


def constraints(_name: str, text: str) -> str:
    return text


share = number(maximum=1, above=0)
flag = integer(0, 1)

TABLE: dict[str, Check] = {
    "num_round": integer(1),
    "csv_weights": flag,
    "early_stopping_rounds": integer(1),
    "booster": one_of("gbtree", "gblinear", "dart"),
    "verbosity": integer(0, 3),
    "nthread": integer(1),
    "eta": number(0, 1),
    "gamma": number(0),
    "max_depth": integer(0),
    "min_child_weight": number(0),
    "max_delta_step": number(0),
    "subsample": share,
    "sampling_method": one_of("uniform", "gradient_based"),
    "colsample_bytree": share,
    "colsample_bylevel": share,
    "colsample_bynode": share,
    "lambda": number(0),
    "alpha": number(0),
    "tree_method": one_of("auto", "exact", "approx", "hist"),
    "scale_pos_weight": number(),
    "updater": plain,
    "refresh_leaf": flag,
    "process_type": one_of("default", "update"),
    "grow_policy": one_of("depthwise", "lossguide"),
    "max_leaves": integer(0),
    "max_bin": integer(2),
    "num_parallel_tree": integer(1),
    "monotone_constraints": constraints,
    "interaction_constraints": constraints,
    "sample_type": one_of("uniform", "weighted"),
    "normalize_type": one_of("tree", "forest"),
    "rate_drop": number(0, 1),
    "one_drop": flag,
    "skip_drop": number(0, 1),
    "tweedie_variance_power": number(1, 2),
    "huber_slope": number(above=0),
    "aft_loss_distribution": one_of("normal", "logistic", "extreme"),
    "aft_loss_distribution_scale": number(above=0),
    "max_cat_to_onehot": integer(1),
    "max_cached_hist_node": integer(1),
    "deterministic_histogram": one_of("true", "false"),
    "objective": objective,
    "num_class": integer(2),
    "base_score": number(),
    "eval_metric": metrics,
    "seed": integer(),
    "seed_per_iteration": one_of("true", "false"),
    "save_model_on_termination": one_of("true", "false"),
    "_tuning_objective_metric": plain,
}
