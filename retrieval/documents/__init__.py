"""Documents with their chunks and embeddings."""
