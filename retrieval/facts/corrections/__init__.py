"""What people said about tables that were read wrongly."""
