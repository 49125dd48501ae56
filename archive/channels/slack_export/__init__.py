"""Slack workspace exports: the zip that an owner downloads, its folder, or single day files.

Authority: slack.com/help/articles/220556107 (How to read Slack data exports). One file a channel and day,
in the time zone of the workspace; replies lie on their own day; files are addresses only; edits show their
last state.

``answers`` reads what the Web API gives, for collections.
"""

from archive.channels.slack_export.channel import SlackExport

__all__ = ["SlackExport"]
