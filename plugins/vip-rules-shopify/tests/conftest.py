"""Settings of Hypothesis, as the core has them: no test fails because the machine is busy."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("default", max_examples=50, derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("VIP_RULES_HYPOTHESIS", "default"))
