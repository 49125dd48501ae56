"""Zendesk: tickets, comments and audits as its interface and its JSON export give them."""

from archive.channels.zendesk.channel import ZendeskExport

__all__ = ["ZendeskExport"]
