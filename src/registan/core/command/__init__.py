"""Part of Registan (see the docstring of the parent package)."""
