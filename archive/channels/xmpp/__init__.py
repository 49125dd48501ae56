"""XMPP: stanzas of a message archive."""

from archive.channels.xmpp.channel import XmppArchive

__all__ = ["XmppArchive"]
