"""`python -m commands` is `mrm`, for whoever has this interpreter and not the script."""

from commands import main

main(prog_name="mrm")
