"""A third invented company: an elevator maintenance firm, its documents and its labelled questions."""
