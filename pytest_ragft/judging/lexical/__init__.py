"""Judging by words: what references and answers say, read by form; and the reference judge."""
