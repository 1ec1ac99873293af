"""OS: unmodified operating systems, each in a partition, and what the paper's policies promise them (§3.1).

Asked from root's user space, through the probe as a process (targets/probe/PROTOCOL.md). A boot takes some
seconds, so one machine stands from test to test: every test leaves all partitions running, as it found them.
`-m smoke` chooses the few questions that every change is asked, `-m stress` those that take minutes.
"""
