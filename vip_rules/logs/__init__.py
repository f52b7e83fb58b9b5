"""Logs: what the service says of its work. Only named events with named fields leave, and nothing of a customer's does."""

from vip_rules.logs.log import Log
from vip_rules.logs.logs import Logs, ServiceFailed

__all__ = ["Log", "Logs", "ServiceFailed"]
