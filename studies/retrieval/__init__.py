"""Retrieval on real questions: backends, modes, encoders and fusions side by side."""
