"""Founding an archive: first everything is looked at, then it is made."""

from pathlib import Path

from archive.adapters.places import make_folders, on_s3, open_store, places_on_s3, s3_client
from archive.core import keyfile
from archive.errors import ArchiveError, PlaceGone
from archive.ledger.strangers import demand_nothing_in
from archive.services.doctor import demand
from archive.services.init import KEY_FILES, FoundingSlip, check_free, found_archive
from archive.settings import Settings, demand_apart
from archive.wiring import Passphrase, key_vault, open_ledger
from archive.wiring.neighbours import demand_no_place
from archive.wiring.stores import named, open_prober, write_first_policies


def found(
    folder: Path, settings: Settings, passphrase: Passphrase, *, kem: str, scrypt_n: int = keyfile.DEFAULT_N
) -> FoundingSlip:
    """Found an archive in ``folder``; makes or checks its places first.

    Raises:
        UsageError: there is an archive already, or a place is unfit or not empty.
        StoreError: a place cannot be reached, or refuses this account.
    """
    demand_apart(folder, settings)
    check_free(folder, key_vault(folder, settings))
    for place in settings.places.each:
        demand_no_place(folder, settings, place)
    for role in KEY_FILES:
        passphrase(role)  # asked before anything is made, so that a refusal leaves nothing behind
    settings = _make(folder, settings)
    return found_archive(
        folder,
        settings,
        open_ledger=lambda chosen: open_ledger(folder, chosen, lambda _: None),
        vault=key_vault(folder, settings),
        passphrase=passphrase,
        kem=kem,
        scrypt_n=scrypt_n,
    )


def _make(folder: Path, settings: Settings) -> Settings:
    """Look at the places that are there, and only then make the others; give the settings that follow.

    What a refusal leaves all the same (of a new bucket nobody knows beforehand what it keeps) is named.
    """
    if places_on_s3(settings):
        from archive.adapters.s3_setup import look

        look(s3_client(settings.s3), settings.places)
    fresh = _looked_at(folder, settings)
    made: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make_folders(folder, settings)
        if places_on_s3(settings):
            settings = _make_buckets(folder, settings, fresh, made)
        else:
            demand([open_prober(folder, name, place, settings.s3) for name, place in fresh])
    except (ArchiveError, OSError) as error:
        if made:
            error.add_note(
                f"init had made buckets before that, in which nothing of worth lies: {', '.join(made)}. Remove them, "
                "or name them again: it takes empty ones"
            )
        raise
    return settings


def _looked_at(folder: Path, settings: Settings) -> list[tuple[str, str]]:
    """Put those places to the test that are there; give the others, and the archive bucket, which may lack its rule.

    Raises:
        UsageError: one is unfit, or not empty; nothing was made.
    """
    fresh: list[tuple[str, str]] = []
    there: list[tuple[str, str]] = []
    for name, place in named(settings):
        where = name.replace("vault", "vault copy") if name.startswith("vault") else f"the {name} place"
        try:
            demand_nothing_in(
                open_store(folder, place, settings.s3, locked=name == "archive" and on_s3(place)), where
            )
        except PlaceGone:
            fresh.append((name, place))
        else:
            (fresh if name == "archive" and on_s3(place) else there).append((name, place))
    demand([open_prober(folder, name, place, settings.s3) for name, place in there])
    return fresh


def _make_buckets(
    folder: Path, settings: Settings, fresh: list[tuple[str, str]], made: list[str]
) -> Settings:
    from archive.adapters.s3_setup import prepare

    create_only = prepare(s3_client(settings.s3), settings.places, settings.s3.endpoint, made).create_only
    demand([open_prober(folder, name, place, settings.s3) for name, place in fresh])
    return write_first_policies(folder, settings, create_only=create_only)
