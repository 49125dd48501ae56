"""The composition root: the only module that names adapters, channels and exporters."""

import contextlib
import gc
import getpass
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.adapters.bundle_checker import check_bundle
from archive.adapters.catalogue_sql import SqlCatalogue
from archive.adapters.find_processes import FindProcesses
from archive.adapters.journal_file import JournalFile
from archive.adapters.keys_folder import KeyFolder, open_key_file
from archive.adapters.lock_file import LockFile
from archive.adapters.picture_reader import PictureReader
from archive.adapters.places import lock_path, open_places, open_store
from archive.adapters.process_pool import cores
from archive.adapters.scan_processes import Processes
from archive.adapters.seen_sqlite import SqliteSeen
from archive.adapters.state_file import StateFile
from archive.adapters.text_reader import TextReader
from archive.adapters.texts_sqlite import SqliteTexts
from archive.channels import CHANNELS
from archive.channels.observed import ObservedChanges
from archive.core.signed_note import Signer
from archive.errors import OtherRules, Outdated, Refused, UsageError
from archive.exporters.bundle import RENDERERS, export_bundle
from archive.exporters.desk import write_desk
from archive.ledger.state import LedgerState
from archive.ledger.writer import Ledger, Writer
from archive.ports import KeyVault, ReadPlaces, SearchIndex
from archive.services.keychain import KeyChain
from archive.services.recover import UNVOUCHED
from archive.services.session import Asking, Progress, Session, no_progress
from archive.services.texts import Texts
from archive.settings import Settings, resolve
from archive.sources import LiveFacts, LiveSource, SourceSettings
from archive.wiring.stores import guard, keeper, locked_days

__all__ = ["check_bundle", "open_journal", "open_ledger", "open_read_places", "open_session"]

TOOL = "beleg 0.1.0"
STATE_FILE = "state.json"
FEW_LOOKS = (100_000, 50, 100)
"""How often the collector looks for circles: batches of thousands of records hold none, and looking cost a tenth."""
JOURNAL_FILE = "journal.jsonl"
NOTHING_SAID = Asking()

Passphrase = Callable[[str], str]
Waiting = Callable[[str], None]


def clock() -> datetime:
    """Give the present instant."""
    return datetime.now(UTC)


def open_read_places(folder: Path, settings: Settings) -> ReadPlaces:
    """Open the places of an archive for a verifier."""
    return open_places(folder, settings).readers()


def key_vault(folder: Path, settings: Settings) -> KeyVault:
    """Give the key files of this account."""
    return KeyFolder(folder / settings.keys)


def open_signer(settings: Settings, key: str) -> Signer:
    """Open a log key in AWS KMS: the region is that of its ARN, else that of the environment."""
    from archive.adapters.signer_kms import KmsSigner, connect

    parts = key.split(":")
    region = parts[3] if key.startswith("arn:") and len(parts) > 3 else settings.s3.region
    return KmsSigner(partial(connect, region, settings.kms_endpoint, settings.s3.timeout), key)


def key_chain(folder: Path, settings: Settings, passphrase: Passphrase) -> KeyChain:
    """Give the private keys of this account."""
    keys = KeyChain(key_vault(folder, settings), passphrase, settings.origin)
    if settings.log_signer is not None:
        keys.signer = partial(open_signer, settings, settings.log_signer.removeprefix("kms:"))
    return keys


def open_ledger(
    folder: Path, settings: Settings, waiting: Waiting, state: LedgerState | None = None
) -> Ledger:
    """Open the ledger; without a ``state`` that this host remembers it is walked from the beginning."""
    return Ledger(
        open_places(folder, settings),
        state or LedgerState(origin=settings.origin),
        clock=clock,
        lock=LockFile(lock_path(folder, settings), waiting),
        barred=UNVOUCHED if settings.read_only else None,
    )


def open_index(
    folder: Path, settings: Settings, *, anew: bool = False, engine: str | None = None
) -> SearchIndex:
    """Open the index of an engine, else of the one in the settings.

    ``anew`` throws away one that this version cannot read.
    """
    engine = engine or settings.engine
    place = folder / settings.workspace / f"index-{engine}"
    if engine == "whoosh":
        from archive.adapters.index_whoosh import WhooshIndex

        return WhooshIndex(place, anew=anew)
    from archive.adapters.index_tantivy import TantivyIndex

    return TantivyIndex(place, anew=anew)


def _own_index(folder: Path, settings: Settings, waiting: Waiting, *, anew: bool) -> SearchIndex:
    """Open the index of the settings. One of another version makes room: the next command that projects replays it."""
    try:
        return open_index(folder, settings, anew=anew)
    except OtherRules:
        waiting("the search index was made by another version of Beleg: it is made anew, which takes a while")
        return open_index(folder, settings, anew=True)


def open_journal(folder: Path, settings: Settings, waiting: Waiting = lambda _: None) -> JournalFile:
    """Open this host's journal of reads."""
    workspace = folder / settings.workspace
    return JournalFile(workspace / JOURNAL_FILE, LockFile(workspace / "journal.lock", waiting))


def _login_name() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user on this host: the number alone says nothing
        return None


def second_engine(settings: Settings) -> str:
    """Give the engine that the settings do not name."""
    return "tantivy" if settings.engine == "whoosh" else "whoosh"


def open_second(folder: Path, settings: Settings) -> SearchIndex:
    """Open the index of the engine that the settings do not name; one that cannot be read is made anew."""
    engine = second_engine(settings)
    try:
        return open_index(folder, settings, engine=engine)
    except Outdated:
        return open_index(folder, settings, engine=engine, anew=True)


def open_writer(session: Session, key: Path, passphrase: Passphrase) -> Writer:
    """Open the writer key of a person: of a file anywhere, or of one that this account has by name.

    Raises:
        UsageError: there is no such file.
        Refused: the key is not registered, or was retired.
    """
    if key.is_file():
        name, secrets = open_key_file(key, passphrase, session.settings.origin)
    elif key.name == str(key) and session.keys.has(str(key)):
        name, secrets = str(key), session.keys.secrets(str(key))
    else:
        raise UsageError(f"{key}: there is no such key file")
    if "writer" not in secrets:
        raise UsageError(f"{name}: a key file without a writer key signs nothing")
    private = Ed25519PrivateKey.from_private_bytes(secrets["writer"])
    writer = Writer(private, name)
    session.ledger.follow()
    known = session.ledger.state.keys.writer(writer.id, session.ledger.state.size)
    if known is None:
        raise Refused("this key is not registered, or was retired")
    if session.ledger.log_key is None:
        session.ledger.log_key = session.keys.log_key()
    return Writer(private, known.role)


def open_source(source: SourceSettings, sleep: Callable[[float], None] = time.sleep) -> LiveSource:
    """Open a live source; raises SettingsError if its secret is not where the settings say."""
    from archive.channels.live import open_source as opened

    return opened(source, resolve(source.secret) if source.secret else None, sleep)


def live_facts() -> dict[str, LiveFacts]:
    """Give what each kind of live source says of itself; their libraries are loaded only now."""
    from archive.channels.live import live_facts as told

    return told()


@contextlib.contextmanager
def open_session(
    folder: Path,
    settings: Settings,
    passphrase: Passphrase,
    *,
    waiting: Waiting = lambda _: None,
    progress: Progress = no_progress,
    anew: Collection[str] = (),
    asking: Asking = NOTHING_SAID,
    processes: int | None = None,
    much: bool = False,
) -> Iterator[Session]:
    """Open an archive for one command; remembers the state of the ledger at the end.

    ``anew`` names projections (catalogue, index) that are thrown away unread, for they may be damaged.
    ``processes``: in how many long work is done; None: one a core.
    ``much``: it is known that much comes in, so processes that find statements are started with the first.
    """
    gc.set_threshold(*FEW_LOOKS)
    count = processes or cores()
    workspace = folder / settings.workspace
    workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
    memory = StateFile(workspace / STATE_FILE, settings.origin)
    ledger = open_ledger(folder, settings, waiting, memory.load())
    keys = key_chain(folder, settings, passphrase)
    size = ledger.state.size

    def opened(role: str, secrets: Mapping[str, bytes]) -> None:
        nonlocal size
        if not memory.is_genuine(role, secrets):
            size = 0
            ledger.forget()

    keys.on_open = opened
    projecting = LockFile(workspace / "projections.lock", waiting)
    with contextlib.ExitStack() as stack:
        find_all = FindProcesses(count, 0) if much else FindProcesses(count)
        stack.callback(find_all.close)
        # Two commands that begin at once must not both create the tables, nor both apply the same records.
        with projecting():
            if "catalogue" in anew:
                for file in workspace.glob("catalogue.sqlite*"):
                    file.unlink()
            catalogue = SqlCatalogue(
                resolve(settings.catalogue) if settings.catalogue else workspace / "catalogue.sqlite",
                find_all,
            )
            stack.callback(catalogue.close)
            index = _own_index(folder, settings, waiting, anew="index" in anew)
            stack.callback(index.close)
            seen = SqliteSeen(workspace / "seen.sqlite")
            stack.callback(seen.close)
            texts = SqliteTexts(workspace / "texts.sqlite")
            stack.callback(texts.close)
        reader = TextReader(settings.ocr)
        stack.callback(reader.close)
        pictures = PictureReader()
        stack.callback(pictures.close)
        yield Session(
            folder=folder,
            settings=settings,
            ledger=ledger,
            keys=keys,
            catalogue=catalogue,
            index=index,
            seen=seen,
            channels=CHANNELS,
            observed=ObservedChanges(),
            open_source=open_source,
            live_facts=live_facts,
            source_lock=lambda name: LockFile(workspace / "collecting" / f"{name}.lock", waiting).at_once(),
            locked=lambda name: LockFile(
                workspace / "collecting" / f"{name}.lock" if name else lock_path(folder, settings), waiting
            ).is_held(),
            numbering=LockFile(workspace / "numbering.lock", waiting),
            export_bundle=export_bundle,
            find_all=find_all,
            picture=pictures,
            write_desk=write_desk,
            open_second=lambda: open_second(folder, settings),
            renderers=RENDERERS,
            clock=clock,
            projecting=projecting,
            tool=TOOL,
            guard=lambda: guard(settings),
            texts=Texts(texts, reader),
            readers=Processes(partial(open_read_places, folder, settings), count) if count > 1 else None,
            vaults=tuple(open_store(folder, copy, settings.s3) for copy in settings.places.vault),
            keep_locked=keeper(folder, settings),
            locked_days=lambda: locked_days(settings),
            second_folder=workspace / f"index-{second_engine(settings)}",
            journal=open_journal(folder, settings, waiting),
            operator=_login_name(),
            asking=asking,
            progress=progress,
        )
        if ledger.state.size > size:
            memory.save(ledger.state, keys.opened())
