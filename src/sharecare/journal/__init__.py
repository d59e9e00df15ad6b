"""What happened, when, where and to whom: append-only facts that name nobody."""
