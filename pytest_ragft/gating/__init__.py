"""One run: what is gated, what has to be evaluated for it, and what came out. Knows no pytest."""
