"""Answers over news texts that do or do not hold the answer (RGB, Chinese): shown or refused."""
