"""Property tests here are about values, not about speed: no deadline, the same examples everywhere."""

from hypothesis import settings

settings.register_profile("planning", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("planning")
