"""What several answers to a question are worth, measured on the shipped suites."""
