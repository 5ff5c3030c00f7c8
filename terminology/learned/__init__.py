"""What use has taught: choices, verdicts, proposals and unknown abbreviations."""
