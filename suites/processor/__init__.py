"""CPU: processors, those of one partition and those that partitions share. Paper §3.3(1)."""
