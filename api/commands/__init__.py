"""Groups of the `termroute` command, one module for each noun."""
