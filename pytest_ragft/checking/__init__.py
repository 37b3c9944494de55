"""What stands in suites that makes a verdict worth less: repeats, leakage, unsupported references."""
