"""Measures terminology: matching, choosing senses, short forms and latency."""
