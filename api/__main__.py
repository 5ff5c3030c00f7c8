"""`python -m api` is the `termroute` command."""

from api.cli import main

main()
