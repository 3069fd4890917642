"""The routes, by resource. `ROUTES` is their sum."""
