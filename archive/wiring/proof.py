"""Proofs that leave the archive: heads for outsiders, time stamps, tiles."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from archive.adapters.authority_http import HttpAuthority
from archive.adapters.mail_smtp import SmtpMailer
from archive.adapters.places import on_s3, open_store, s3_client
from archive.adapters.process_pool import cores
from archive.adapters.scan_processes import Processes
from archive.core import layout
from archive.core.instants import instant
from archive.core.timestamp import certificates_in, is_root
from archive.errors import FormatError, SettingsError, StoreError
from archive.ledger.scanning import Workers
from archive.ports import ObjectStore, ReadPlaces
from archive.production import Sealed
from archive.services import heads
from archive.services.anchor import Authority, anchor, due
from archive.services.session import Session
from archive.settings import Settings, overlapped, whereabouts
from archive.wiring import open_read_places
from archive.wiring.recovery import locks


def hand_out(
    folder: Path, settings: Settings, head: heads.Head, copy_to: Sequence[str], addresses: Sequence[str]
) -> list[heads.Handed]:
    """Copy a head to places and mail it."""
    places = [(place, _outside(folder, settings, place)) for place in copy_to]
    return heads.hand_out(head, places, addresses, SmtpMailer(settings.mail))


def hand_on(folder: Path, settings: Settings, head: heads.Head, now: str) -> list[heads.Handed]:
    """Give the head to those whom the settings name; `beleg status` tells who has it."""
    return _hand_to(folder, settings, head, now, (*settings.heads.copy_to, *settings.heads.mail))


def _hand_to(
    folder: Path, settings: Settings, head: heads.Head, now: str, outsiders: Collection[str]
) -> list[heads.Handed]:
    wanted = settings.heads
    places, addresses = (
        [one for one in named if one in outsiders] for named in (wanted.copy_to, wanted.mail)
    )
    handed = hand_out(folder, settings, head, places, addresses)
    heads.remember(folder / settings.workspace, handed, head.size, now)
    return handed


def _outside(folder: Path, settings: Settings, place: str) -> ObjectStore:
    """Open a place of an outsider; a folder that is not there is not made, for it may be a disk not mounted."""
    if overlapped(folder, settings, whereabouts(folder, place)) is not None:
        raise SettingsError(f"{place}: this is a place of the archive itself; a head belongs elsewhere")
    if not on_s3(place):
        return open_store(folder, place, settings.s3)
    from archive.adapters.objects_s3 import S3Store
    from archive.adapters.s3_client import parse_url

    client, address = s3_client(settings.s3), parse_url(place)
    try:
        locked = locks(S3Store(client, address, locked=True))
    except StoreError:
        locked = False  # an outsider may let nobody ask; what is wrong with the place, the write itself tells
    return S3Store(client, address, locked=locked, keeps=True)


RETRIED = timedelta(hours=1)
"""When whoever did not answer is tried again though nothing came in: an idle round is not to wait each time."""


def after_run(session: Session, *, came: bool = True) -> list[str]:
    """Do what the settings want after each run, and whenever sources were asked; give what did not work.

    The run itself is sealed already. Where nothing came in (``came``), what was sealed before may still wait for a
    token, or an outsider for a head.
    """
    session.ledger.follow()
    failed_before = "~" if came else instant(session.clock() - RETRIED)
    problems = []
    for step in (_stamp, _hand_on):
        try:
            problems += step(session, failed_before)
        except SettingsError as error:  # of one step: the next, and the next run, go on all the same
            problems.append(str(error))
    return problems


def _stamp(session: Session, failed_before: str) -> list[str]:
    authorities = open_authorities(session.folder, session.settings)
    asked = due(session, authorities, failed_before=failed_before)
    answers = anchor(session, asked) if asked else []
    return [f"no time stamp by {one.authority}, queued: {one.problem}" for one in answers if one.problem]


def _hand_on(session: Session, failed_before: str) -> list[str]:
    settings, folder = session.settings, session.folder
    outsiders = (*settings.heads.copy_to, *settings.heads.mail)
    noted, sealed = folder / settings.workspace, session.ledger.state.sealed
    lacking = heads.lacking(noted, outsiders, sealed, failed_before=failed_before)
    if not lacking:
        return []
    handed = _hand_to(folder, settings, heads.newest(session.ledger), session.now(), lacking)
    return [f"the head was not given to {one.to}: {one.problem}" for one in handed if one.problem]


def open_authorities(folder: Path, settings: Settings) -> list[Authority]:
    """Open the authorities of the settings with the certificates that they are believed by.

    Raises:
        SettingsError: a file of certificates cannot be read.
    """
    found = []
    for one in settings.time.authorities:
        path = folder / one.roots
        try:
            roots = certificates_in(path.read_bytes())
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
        except FormatError as error:
            raise SettingsError(f"{path}: {error}") from error
        if not any(map(is_root, roots)):
            raise SettingsError(f"{path}: holds no certificate that issued itself; a chain ends in one only")
        found.append(Authority(HttpAuthority(one.name, one.url, settings.time.timeout), tuple(roots)))
    return found


def certificate_seal(
    folder: Path, settings: Settings, file: Path, passphrase: bytes
) -> Callable[[bytes], Sealed]:
    """Open what seals with a certificate, stamped by the authorities of the settings.

    Raises:
        UsageError: the file cannot be used.
        SettingsError: a file of certificates cannot be read.
    """
    from archive.adapters.seal_cades import CertificateSeal  # its library is large, and few ask for it

    authorities = [(one.port, one.roots) for one in open_authorities(folder, settings)]
    return CertificateSeal(file, passphrase, authorities)


MANY = 256
"""Segments from which on several processes are worth starting: each needs a second or more to begin."""


def open_workers(folder: Path, settings: Settings, places: ReadPlaces, count: int | None) -> Workers | None:
    """Give who scans for a verification: processes where there is much to do, or as many as asked for."""
    processes = count or cores()
    if processes < 2 or (count is None and _few(places)):
        return None
    return Processes(partial(open_read_places, folder, settings), processes)


def _few(places: ReadPlaces) -> bool:
    return sum(1 for _ in islice(places.control.names(layout.COMMITS), MANY)) < MANY
