"""The report: a production as PDF/A-2a, for a court's file and for people who read on paper."""

from archive.exporters.report.volumes import Report, write_report

__all__ = ["Report", "write_report"]
