"""`ragft study`: a grid of trainings, each gated against its base, and what they show together."""
