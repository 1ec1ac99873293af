"""STOP: an OS that halts, hangs, crashes or is stopped leaves every other one untouched, and can start again.

Paper §3.1(4): each OS is independent, from its start to its end.
"""
