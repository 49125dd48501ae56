"""One file (or folder) a platform. ``CHANNELS`` names them; recognition asks each in this order."""

from archive.channels.bluesky import BlueskyRepository
from archive.channels.discord import DiscordExport
from archive.channels.discourse import DiscourseForum
from archive.channels.email_files import EmailFiles
from archive.channels.feeds import FeedFiles
from archive.channels.google_chat import GoogleChatTakeout
from archive.channels.intercom import IntercomExport
from archive.channels.linkedin import LinkedInExport
from archive.channels.loose import LooseFiles
from archive.channels.mastodon import MastodonArchive
from archive.channels.matrix import MatrixExport
from archive.channels.meta import FacebookExport, InstagramExport
from archive.channels.phpbb import PhpbbTopics
from archive.channels.reddit import RedditExport
from archive.channels.reviews import GoogleBusinessReviews, TrustpilotReviews
from archive.channels.rsmf import RsmfFiles
from archive.channels.signal import SignalExport
from archive.channels.slack_export import SlackExport
from archive.channels.table import TableFiles
from archive.channels.teams import TeamsMessages
from archive.channels.telegram import TelegramExport
from archive.channels.web_capture import WebCaptures
from archive.channels.whatsapp_business import WhatsAppBusiness
from archive.channels.whatsapp_text import WhatsAppText
from archive.channels.x_archive import XArchive
from archive.channels.xmpp import XmppArchive
from archive.channels.youtube import YouTubeTakeout
from archive.channels.zendesk import ZendeskExport
from archive.ports import Channel

CHANNELS: tuple[Channel, ...] = (
    WhatsAppText(),
    SlackExport(),
    EmailFiles(),
    TelegramExport(),
    FacebookExport(),
    InstagramExport(),
    LinkedInExport(),
    XArchive(),
    WhatsAppBusiness(),
    TeamsMessages(),
    DiscordExport(),
    GoogleChatTakeout(),
    SignalExport(),
    GoogleBusinessReviews(),
    TrustpilotReviews(),
    ZendeskExport(),
    IntercomExport(),
    MatrixExport(),
    RedditExport(),
    YouTubeTakeout(),
    MastodonArchive(),
    FeedFiles(),
    DiscourseForum(),
    XmppArchive(),
    WebCaptures(),
    BlueskyRepository(),
    RsmfFiles(),
    PhpbbTopics(),
    TableFiles(),
    LooseFiles(),
)
