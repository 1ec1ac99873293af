"""BOOT: every OS starts freely, and finds what its manifest promises (paper §3.3(2))."""
