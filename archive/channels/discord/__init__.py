"""Discord: channels as DiscordChatExporter writes them, and the data package of an account.

Authority: the JSON of DiscordChatExporter; Discord's "Your Discord data package". A package holds the account's
own messages only, its times are UTC without saying so, its ids may be numbers of 64 bits.
"""

from archive.channels.discord.channel import DiscordExport

__all__ = ["DiscordExport"]
