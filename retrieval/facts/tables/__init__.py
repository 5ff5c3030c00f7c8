"""A document's grids and the tables found in them."""
