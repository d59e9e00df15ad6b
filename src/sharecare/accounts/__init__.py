"""People, their families and homes, and who is signed in."""
