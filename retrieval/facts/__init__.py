"""Exact facts: tables as tables, rows found from names, values verbatim."""
