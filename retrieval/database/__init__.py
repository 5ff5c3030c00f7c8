"""The one database of documents and facts."""
