"""PERF: what a partition owns costs what it costs on the bare machine (paper §3.1(3)); what exits cost."""
