"""Mails as files: EML, mbox in its dialects, folders of them. RFC 5322, 2045-2049, 2231, 3676, 4155."""

from archive.channels.email_files.channel import EmailFiles

__all__ = ["EmailFiles"]
