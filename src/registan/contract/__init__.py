"""The wire, definition only: routes, their arguments and bodies. Nothing here decides anything."""
