"""DEV: a port belongs to one partition, which sees all of the device; no other does (paper §3.1(2), §3.2)."""
