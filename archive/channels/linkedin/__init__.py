"""LinkedIn: the archive that a member requests ("Basic" or "Complete"), as CSV files.

Authority: none for the CSV files; their headers in real archives of 2019 to 2026. Messages are in UTC and say
so; posts, comments and reactions name no zone. LinkedIn gives no ids of messages. Comments have a backslash before
a quote where all other files double it.
"""

from archive.channels.linkedin.channel import LinkedInExport

__all__ = ["LinkedInExport"]
