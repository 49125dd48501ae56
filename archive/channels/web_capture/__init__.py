"""Captures of web pages: WARC and WACZ.

Authority: IIPC, WARC 1.1 (ISO 28500); specs.webrecorder.net, WACZ. A page is an observation: what a server gave at
a time. Digests of the records are recomputed; one that does not fit is told with the item. A crawler's request and
its own records are no pages. Of pages that scripts make only the index of a WACZ holds the words that were seen.
"""

from archive.channels.web_capture.channel import WORDS_CAP, WebCaptures

__all__ = ["WORDS_CAP", "WebCaptures"]
