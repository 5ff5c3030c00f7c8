"""Texts that an export carries: how to convert it, and how to serve it."""
