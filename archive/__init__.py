"""The machine. Layers, top to bottom; each may import those below it, siblings may not import each other:

wiring                                        names adapters; the composition root
services | channels | exporters | adapters    use cases; platforms; formats; technology
ledger                                        read half and write half of the one truth
ports | settings
keeping  statements  query  reading           pure rules and readers
core                                          pure bytes of format 1
errors
"""
