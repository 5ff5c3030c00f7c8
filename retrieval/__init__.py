"""Finds passages and exact facts in what was ingested."""
