"""Recorded answers of real systems: what gates by people and by judges say of each pair."""
