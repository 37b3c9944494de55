"""How well `ragft check` finds questions of a suite in training data."""
