"""Messages to send."""

from vip_rules.adapter import Intent
from vip_rules.testing.examples import example

WARNING, LATER = example("message", "1"), example("message", "1", second=True)


def messages(count: int) -> list[Intent]:
    """Warnings to so many customers."""
    return [example("message", str(number)) for number in range(1, count + 1)]
