"""Telegram Desktop, machine-readable JSON: one chat, several, or the whole account.

Authority: core.telegram.org/import-export and ``export_output_json.cpp`` of Telegram Desktop. Ids of
messages count within their chat. ``date`` is the local time of the exporting computer; ``date_unixtime``,
where it is given, is the instant. Edits show their last state, deleted messages are absent.
"""

from archive.channels.telegram.channel import TelegramExport

__all__ = ["TelegramExport"]
