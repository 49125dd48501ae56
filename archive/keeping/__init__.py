"""Pure rules of keeping: what a hold covers. A rule that cannot be evaluated keeps."""
