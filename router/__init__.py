"""Decides which road a question takes, and answers it: terms, facts, or retrieval and generation."""
