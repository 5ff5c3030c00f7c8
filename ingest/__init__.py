"""Reads enterprise documents and fills the stores."""
