"""Judges beside people: sheets to be labelled, agreement measured on labels, saved calibrations."""
