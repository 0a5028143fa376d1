"""Stands in for the package of the XGBoost image that scripts import from: data_utils.get_dmatrix, encoder."""
