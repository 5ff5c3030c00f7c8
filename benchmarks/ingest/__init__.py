"""Ingestion against bare text extraction and the usual LangChain recipe."""
