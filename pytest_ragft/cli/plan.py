"""`ragft plan`: what suites can decide, before any computing."""
