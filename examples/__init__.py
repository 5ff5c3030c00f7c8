"""The sample knowledge pack: an invented printing-software company and questions about it."""
