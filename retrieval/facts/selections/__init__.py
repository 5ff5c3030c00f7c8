"""Which rows of a table are meant."""
