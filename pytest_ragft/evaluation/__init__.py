"""Evaluation: the plan of missing work, its batches, and their products."""
