"""Retrieval quality and latency on public Chinese data, beside plain BM25."""
