"""Stores: one ordered log of commits and the records it adds up to. No rule of the registry here."""
