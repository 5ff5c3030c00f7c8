"""Writers that turn the pack's text sources into office files with the same bytes every time."""
