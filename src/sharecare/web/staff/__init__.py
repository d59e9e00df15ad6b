"""Pages of an area's staff: a dashboard to look at, and what waits for them."""
