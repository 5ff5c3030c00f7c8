"""One parser a file format, each behind the same small interface."""
