"""The settings of an archive on one host."""

from archive.settings.file import (
    FILE,
    explain,
    find,
    is_bundle,
    load,
    own_paths,
    replace,
    resolve,
    save,
    to_toml,
)
from archive.settings.sections import (
    AlertSettings,
    AuthoritySettings,
    HeadSettings,
    MailSettings,
    PlaceSettings,
    S3Settings,
    Settings,
    TimeSettings,
    check_address,
    check_timezone,
)
from archive.settings.whereabouts import demand_apart, overlap, overlapped, whereabouts

__all__ = [
    "FILE",
    "AlertSettings",
    "AuthoritySettings",
    "HeadSettings",
    "MailSettings",
    "PlaceSettings",
    "S3Settings",
    "Settings",
    "TimeSettings",
    "check_address",
    "check_timezone",
    "demand_apart",
    "explain",
    "find",
    "is_bundle",
    "load",
    "overlap",
    "overlapped",
    "own_paths",
    "replace",
    "resolve",
    "save",
    "to_toml",
    "whereabouts",
]
