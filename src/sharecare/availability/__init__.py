"""When a supporter offers time: weekly hours and dated exceptions, in their own wall time."""
