"""Who has met whom, who belongs where, who speaks for whom, and who wants distance."""
