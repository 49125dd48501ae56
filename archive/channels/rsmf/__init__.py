"""RSMF: short messages as e-discovery programs exchange them, a mail with ``rsmf.zip`` or its manifest alone.

Authority: Relativity Short Message Format, JSON schema 1.0 and 2.0. Names of participants and conversations are
resolved; edits, reactions and receipts keep their times. Its ids are unique within one manifest alone, and many a
program counts from 1 in each: so keys are made from what an event says of itself.
"""

from archive.channels.rsmf.channel import RsmfFiles

__all__ = ["RsmfFiles"]
