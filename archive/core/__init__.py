"""Pure bytes: canonical text, commitments, tree, notes, leaves, segments, pages, names. No I/O, no clock."""
