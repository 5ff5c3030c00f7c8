"""Training beside a bare SFTTrainer script: tokens per second, preflight, start-up."""
