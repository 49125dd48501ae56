"""The ports: protocols with two implementations or more. ``wiring`` alone chooses between them."""

from archive.ports.channels import Channel, Confidence, Facts, ReadOptions
from archive.ports.host import Clock, Journal, KeyVault
from archive.ports.outsiders import Mailer, TimestampAuthority
from archive.ports.places import ObjectReader, ObjectStore, ObjectVersion, PlaceProber, Places, ReadPlaces
from archive.ports.projections import Page, Projection, Replay, SearchIndex
from archive.ports.seen import Mark, SeenIndex, SeenRow
from archive.ports.texts import Extractor, FileKey, TextStore

__all__ = [
    "Channel",
    "Clock",
    "Confidence",
    "Extractor",
    "Facts",
    "FileKey",
    "Journal",
    "KeyVault",
    "Mailer",
    "Mark",
    "ObjectReader",
    "ObjectStore",
    "ObjectVersion",
    "Page",
    "PlaceProber",
    "Places",
    "Projection",
    "ReadOptions",
    "ReadPlaces",
    "Replay",
    "SearchIndex",
    "SeenIndex",
    "SeenRow",
    "TextStore",
    "TimestampAuthority",
]
