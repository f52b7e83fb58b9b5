"""Channels: how messages reach people where the store itself doesn't carry them."""

from vip_rules.channels.channel import Channel
from vip_rules.channels.outgoing_file import OutgoingFile
from vip_rules.channels.signed_post import SignedPost

__all__ = ["Channel", "OutgoingFile", "SignedPost"]
