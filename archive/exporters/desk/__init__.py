"""The lawyer's desk: a page on which the items of a matter are read, decided on and blackened."""

from archive.exporters.desk.page import NAME, write_desk

__all__ = ["NAME", "write_desk"]
