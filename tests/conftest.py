"""How much Hypothesis tries: few examples, the same each time, or many: VIP_RULES_HYPOTHESIS=thorough."""

import os

from hypothesis import settings

settings.register_profile("default", max_examples=50, derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("VIP_RULES_HYPOTHESIS", "default"))
