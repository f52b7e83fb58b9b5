"""The interpreter of a process that runs for long, and has threads that others wait for."""

from __future__ import annotations

import gc
import sys
from typing import Final

TURN: Final = 0.001  # not money
"""Seconds after which a thread lets another one have the interpreter: whoever answers waits for workers several times."""

RARELY: Final = (50_000, 20, 100)
"""How often Python looks for cycles of references: evaluating makes many objects, and hardly any cycles."""


def settle() -> None:
    """Set the interpreter up for it. What is there by now stays as long as the process: it isn't looked through again."""
    sys.setswitchinterval(TURN)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)
