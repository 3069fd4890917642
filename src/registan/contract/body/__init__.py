"""Bodies of requests and replies as the wire has them, and how they turn into values."""
