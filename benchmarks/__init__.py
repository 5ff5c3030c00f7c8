"""Measurements of TermRoute beside its alternatives; python -m benchmarks.NAME runs one."""
