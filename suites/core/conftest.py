"""The same examples in every run, so that no gate is red by chance. None is timed: machines are loaded."""

from hypothesis import settings

settings.register_profile("core", derandomize=True, deadline=None)
settings.load_profile("core")
