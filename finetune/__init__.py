"""Fine-tunes the terminology model."""
