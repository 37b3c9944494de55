"""Measurements on real, human-labelled data, which is read from outside, with their results."""
