"""The pack's content: Markdown and table sources, and the modules that read them."""
