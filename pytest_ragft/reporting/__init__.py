"""One renderer a file over the one result of a run, and the progress of getting there."""
