"""`python -m papercoder`."""

from papercoder.cli import main

main()
