"""The ObjectStore contract on folders, and on the memory store that other tests rest on."""

from pathlib import Path

import pytest

from archive.adapters.objects_folder import FolderStore
from archive.ports import ObjectStore
from tests.contract.object_store import ExclusiveContract, StoreContract
from tests.memory_store import MemoryStore


class TestFolder(ExclusiveContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectStore:
        (tmp_path / "place").mkdir()
        return FolderStore(tmp_path / "place")


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> ObjectStore:
        return MemoryStore()
