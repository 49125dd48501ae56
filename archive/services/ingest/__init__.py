"""Ingestion: recognise, capture, read, seal only what is new, and count everything."""

from archive.services.allow_list import parse_rule
from archive.services.ingest.inputs import ingest
from archive.services.ingest.options import IngestOptions
from archive.services.ingest.plan import together
from archive.services.ingest.reparse import NotRead, reparse

__all__ = ["IngestOptions", "NotRead", "ingest", "parse_rule", "reparse", "together"]
