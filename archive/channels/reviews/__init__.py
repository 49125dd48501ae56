"""Reviews: Google Business Profile and Trustpilot, as their interfaces give them; the owner's reply beside each.

Authority: Google Business Profile API v4, resource Review (Takeout of the profile writes the same);
developers.trustpilot.com, service and product reviews, and the columns of its exports. Removed reviews vanish: only an
earlier capture shows them.
"""

from archive.channels.reviews.google import GoogleBusinessReviews
from archive.channels.reviews.trustpilot import TrustpilotReviews

__all__ = ["GoogleBusinessReviews", "TrustpilotReviews"]
