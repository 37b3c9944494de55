"""Statistics of paired comparisons, on plain arrays: no records, no files, no random numbers.

noninferiority     bounds for a mean paired difference with clustered questions
prediction_powered the same bounds from a few human labels and many judged pairs
planning           what a run is worth, number of questions that would decide
multiplicity       error rates under several looks or several tests
proportions        exact bounds for a share
agreement          chance-corrected agreement of raters
clusters           cluster labels to codes and totals
"""
