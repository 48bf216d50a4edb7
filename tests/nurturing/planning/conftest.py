"""Property tests here are about values, not about time: no deadline, and the same examples on every machine."""

from hypothesis import settings

settings.register_profile("planning", deadline=None, derandomize=True)
settings.load_profile("planning")
