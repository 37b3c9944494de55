"""Readers of question sets in the forms that their makers publish them in, one module a form."""
