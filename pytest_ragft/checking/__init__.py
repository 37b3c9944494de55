"""What in suites makes a verdict worth less: repeats, leakage, references without support."""
