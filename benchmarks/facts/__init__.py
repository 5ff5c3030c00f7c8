"""Exact facts from a table of 150,000 invented bank branches and the 419 real ones, and from everyday tables."""
