"""Areas that a town watches: settings, goals and the town blocks in them."""
