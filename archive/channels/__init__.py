"""One file (or folder) a platform. ``CHANNELS`` names them; recognition asks each in this order."""

from archive.channels.email_files import EmailFiles
from archive.channels.loose import LooseFiles
from archive.channels.slack_export import SlackExport
from archive.channels.telegram import TelegramExport
from archive.channels.whatsapp_text import WhatsAppText
from archive.ports import Channel

CHANNELS: tuple[Channel, ...] = (WhatsAppText(), SlackExport(), EmailFiles(), TelegramExport(), LooseFiles())
