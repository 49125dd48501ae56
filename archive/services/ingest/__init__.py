"""Ingestion: recognise, capture, read, seal only what is new, and count everything."""

from archive.services.ingest.run import IngestOptions, ingest

__all__ = ["IngestOptions", "ingest"]
