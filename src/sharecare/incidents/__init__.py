"""Near misses, incidents and claims: facts are taken, and payment is never promised."""
