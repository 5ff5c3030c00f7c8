"""HTTP endpoints, thin: a request in, a use case called, a schema out."""
