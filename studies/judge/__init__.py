"""The reference judge: how its model was fitted, and how far it agrees with people."""
