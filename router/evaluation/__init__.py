"""Evaluation in the product: labelled questions, figures, calibration, comparison of two runs, and a baseline."""
