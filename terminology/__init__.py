"""Understands the company's jargon: abbreviations found, disambiguated and expanded."""
