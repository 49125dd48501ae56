"""What all readers share: walking folders and zips with limits, decoding, times, word lists, streams."""
