"""EXC: every exception reaches the partition that raised it, as on the bare machine, and nobody else.

Paper §3.3(1), §3.4: exceptions are distributed to the OS whose program raised them.
"""
