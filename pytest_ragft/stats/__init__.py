"""Statistics of paired comparisons, on plain arrays: no records, no files, no random numbers.

noninferiority     bounds for a mean paired difference with clustered questions
prediction_powered the same bounds from a few human labels and many judged pairs
planning           what a run is worth, number of questions that would decide
multiplicity       error rates under several looks or several tests
means              bounds for a mean without a scale, and for a share
agreement          of raters, and of a judge with people
threshold          the cut that agrees best with labels, and what it is worth on others
spending           error rates shared among looks
clusters           cluster labels to codes and totals
"""
