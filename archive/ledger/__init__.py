"""The one truth. Read half: state, fold, pages, reader, checks. Write half: drafts, writer.

The read half imports nothing of the write half; a verifier gets the read half alone.
"""
