"""How hypothesis works here: the same examples in each run, however busy the host is."""

from hypothesis import settings

settings.register_profile("gate", derandomize=True, deadline=None)
settings.load_profile("gate")
