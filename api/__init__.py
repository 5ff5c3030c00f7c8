"""How people and programs come in: the command line, HTTP and the web chat."""
