"""Decisions: pure and synchronous. State, queries and commands; no I/O, no clock, no randomness."""
