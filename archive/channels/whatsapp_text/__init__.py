"""WhatsApp chat exports: the text file that the app writes ("Export chat"), alone, in its folder or in its
zip.

No specification exists; the forms were learned from exports. The export tells no ids, no time zone, no
quotes, no reactions, and WhatsApp cuts the oldest messages of long chats without notice.
"""

from archive.channels.whatsapp_text.channel import WhatsAppText

__all__ = ["WhatsAppText"]
