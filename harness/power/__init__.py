"""Power and state of a machine from outside: on, off, events, NMI. One way of reaching it a file."""
