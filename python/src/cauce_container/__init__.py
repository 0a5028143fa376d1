"""Plays the container: what AWS's images do around an algorithm or a script, in training and in serving."""
