"""The machine: pure core below, ledger above it, adapters at the rim; ``pyproject.toml`` holds the layers."""
