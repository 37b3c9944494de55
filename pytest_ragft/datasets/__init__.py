"""Datasets: readers that turn files into records, every mistake with its file and line."""
