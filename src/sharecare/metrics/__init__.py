"""Area figures, rolled up from the journal."""
