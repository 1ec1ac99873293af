"""The harness drives machines: it boots images, listens to consoles, speaks with probes, keeps what was said.

It knows nothing of what is asked (`suites/`) and of how results are shown (`reports/`), and imports neither.
"""
