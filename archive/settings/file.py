"""beleg.toml: found, read, and written whole or not at all."""

import json
import os
import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from archive.errors import SettingsError
from archive.settings.sections import S3Settings, Settings
from archive.settings.whereabouts import demand_apart, whereabouts

FILE = "beleg.toml"
BUNDLE = ("bag", "signatures", "START_verify.html", "verify.py")
"""What lies at the top of a bundle."""


def load(folder: Path) -> Settings:
    """Read beleg.toml in ``folder``.

    Raises:
        SettingsError: it cannot be read, or says something that is not allowed.
    """
    path = folder / FILE
    try:
        with path.open("rb") as file:
            settings = Settings.model_validate(tomllib.load(file))
        demand_apart(folder, settings)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {explain(error)}") from error
    return settings


def explain(error: ValidationError) -> str:
    """Say in a line what is wrong with settings, without showing what was written."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"there is no setting {where!r}"
    return f"{where}: {first['msg'].removeprefix('Value error, ').replace('Input should be', 'must be')}"


def resolve(reference: str) -> str:
    """Give what a setting names: ``env:NAME``, ``file:PATH``, or itself.

    Raises:
        SettingsError: there is no such variable or file.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        if not os.environ.get(name):
            raise SettingsError(f"the environment variable {name} is not set")
        return os.environ[name]
    if kind == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{name}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{name}: cannot be read: it is no text in UTF-8") from error
    return reference


def find(given: Path | None) -> Path:
    """Find the folder of the archive: as given, by BELEG_ARCHIVE, or upward from the current folder.

    Raises:
        SettingsError: there is none.
    """
    named = given or (Path(os.environ["BELEG_ARCHIVE"]) if os.environ.get("BELEG_ARCHIVE") else None)
    if named is not None and not (named / FILE).is_file():
        raise SettingsError(f"{named}: there is no archive here (no {FILE}). `beleg init` makes one.")
    around = (Path.cwd(), *Path.cwd().parents)
    found = named or next((folder for folder in around if (folder / FILE).is_file()), None)
    if found is None:
        raise SettingsError(
            "no archive here or in any folder above: name one with --archive or BELEG_ARCHIVE, "
            "or make one with `beleg init`"
        )
    if is_bundle(found):
        raise SettingsError(
            f"{found} is a bundle, and a {FILE} in it speaks for nothing; `beleg verify {found}` checks it, "
            "--archive names an archive"
        )
    return found


def is_bundle(folder: Path) -> bool:
    """Say whether this is a bundle, whatever settings lie in it: they would name what is verified in its stead."""
    here = {name for name in BUNDLE if (folder / name).exists()}
    return "bag" in here or len(here) > 1 or (bool(here) and not (folder / FILE).exists())


def own_paths(folder: Path, settings: Settings) -> frozenset[Path]:
    """Give the folders and files of an archive on this computer, without links and detours: no input holds them."""
    names = (*settings.places.each, settings.keys, settings.workspace, FILE, "founding-slip.txt", "policies")
    paths = {Path(whereabouts(folder, name)) for name in names if not name.startswith("s3://")}
    return frozenset(paths | {path.with_name(f"{path.name}.lock") for path in paths})


def replace(folder: Path, settings: Settings) -> None:
    """Write other settings into beleg.toml, whole or not at all; the file as it was is kept beside it.

    Raises:
        SettingsError: they hold what no file of text can, or could not be read back as they are.
    """
    path = folder / FILE
    try:
        text = to_toml(settings).encode()
        same = Settings.model_validate(tomllib.loads(text.decode())) == settings
    except (UnicodeEncodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(
            f"{path}: not changed: these settings hold characters that no text has"
        ) from error
    if not same:
        raise SettingsError(f"{path}: not changed: these settings could not be read back as they are")
    path.with_name(FILE + ".before").write_bytes(path.read_bytes())
    save(folder, settings)


def save(folder: Path, settings: Settings) -> None:
    """Write beleg.toml, whole or not at all, and durable before it takes the place of the one that is there."""
    path, new = folder / FILE, folder / (FILE + ".new")
    with new.open("wb") as file:
        file.write(to_toml(settings).encode())
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        new.chmod(path.stat().st_mode)
    new.replace(path)


def _word(value: object) -> str:
    """Write a value as TOML does, which is as JSON does but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _section(name: str, section: BaseModel) -> list[str]:
    """Write what differs from the defaults of a section; JSON writes strings, numbers and lists as TOML does."""
    told = section.model_dump(exclude_defaults=True, mode="json")
    tables = told.pop("authorities", ())
    lines = ["", f"[{name}]"] if told else []
    lines += [f"{key} = {_word(value)}" for key, value in told.items() if value is not None]
    for table in tables:
        lines += ["", f"[[{name}.authorities]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return lines


def to_toml(settings: Settings) -> str:
    """Write settings as beleg.toml."""
    places = settings.places
    lines = [
        "# The settings of this archive on this host. Unknown keys are refused; secrets are only named.",
        f'origin = "{settings.origin}"',
        f'mode = "{settings.mode}"',
        *([f'timezone = "{settings.timezone}"'] if settings.timezone else []),
        f'workspace = "{settings.workspace}"',
        f'keys = "{settings.keys}"',
        *([f'log_signer = "{settings.log_signer}"'] if settings.log_signer else []),
        *([f'kms_endpoint = "{settings.kms_endpoint}"'] if settings.kms_endpoint else []),
        *([f'passphrase = "{settings.passphrase}"'] if settings.passphrase else []),
        f'engine = "{settings.engine}"',
        *([f'ocr = "{settings.ocr}"'] if settings.ocr else []),
        *([f'catalogue = "{settings.catalogue}"'] if settings.catalogue else []),
        *(["read_only = true"] if settings.read_only else []),
        *([f"policy = {json.dumps(settings.policy, ensure_ascii=False)}"] if settings.policy else []),
        *([f"metrics = {json.dumps(settings.metrics, ensure_ascii=False)}"] if settings.metrics else []),
        "",
        "[places]",
        f'archive = "{places.archive}"',
        f'control = "{places.control}"',
        "vault = [" + ", ".join(f'"{copy}"' for copy in places.vault) + "]",
        f'second_copy = "{places.second_copy}"',
    ]
    if settings.s3 != S3Settings():
        lines += ["", "[s3]", f"timeout = {settings.s3.timeout}"]
        lines += [f'endpoint = "{settings.s3.endpoint}"'] if settings.s3.endpoint else []
        lines += [f'region = "{settings.s3.region}"'] if settings.s3.region else []
    for name in ("time", "heads", "mail", "alerts"):
        lines += _section(name, getattr(settings, name))
    for name, source in settings.sources.items():
        lines += _section(f"sources.{name}", source)
    return "\n".join(lines) + "\n"
