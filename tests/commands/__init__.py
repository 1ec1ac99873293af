"""The command line, the self-test and the launcher."""
