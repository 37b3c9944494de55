"""Models on disk or on the Hub: their files, what they are by content, and loading them."""
