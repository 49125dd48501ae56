"""WhatsApp Cloud API: stored webhook payloads, one or many a file, with echoes of the phone and history.

Authority: developers.facebook.com, webhooks of the WhatsApp Business Platform. Payloads come at least once and
in any order; ids of media are no media. Messages of one number with one person are one thread.
"""

from archive.channels.whatsapp_business.channel import WhatsAppBusiness

__all__ = ["WhatsAppBusiness"]
