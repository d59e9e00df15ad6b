"""ShareCare: neighbours look after each other's children, matched, insured and counted."""

__version__ = "0.1.0"
