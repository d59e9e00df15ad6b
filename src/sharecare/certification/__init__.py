"""The ladder from registered to certified: evidence, who confirmed it, and when it lapses."""
