"""Ingestion: recognise, capture, read, seal only what is new, and count everything."""

from archive.services.ingest.policy import parse_rule
from archive.services.ingest.recognise import together
from archive.services.ingest.run import IngestOptions, ingest

__all__ = ["IngestOptions", "ingest", "parse_rule", "together"]
