"""MEM: every partition has its own RAM, where the manifest says, and no other (paper §3.2, §3.3(1))."""
