"""Recipes to start from, as packaged TOML files."""
