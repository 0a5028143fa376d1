"""Stands in for the package of the images that scripts import from."""
