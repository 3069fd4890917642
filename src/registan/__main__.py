"""`python -m registan` is the command `registan`."""

from registan.cli.main import main

main()
