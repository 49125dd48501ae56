"""Microsoft Teams: messages as Microsoft Graph gives them, and dumps of the same by .NET programs.

Authority: learn.microsoft.com, resource type chatMessage, and "Export content with the Teams export APIs". The
dumps write every name with a capital; names are compared by their first letter made small.
"""

from archive.channels.teams.attached import HOSTED_TYPES, hosted_contents, hosted_name
from archive.channels.teams.channel import TeamsMessages

__all__ = ["HOSTED_TYPES", "TeamsMessages", "hosted_contents", "hosted_name"]
