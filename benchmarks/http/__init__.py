"""Answers through HTTP beside an empty FastAPI endpoint that is served the same way."""
