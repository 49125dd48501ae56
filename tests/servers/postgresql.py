"""A PostgreSQL server of Debian's packages in one folder, reached by a socket in it, for the tests.

PostgreSQL refuses to run as root, so root starts it as another user.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

PACKAGES = ("postgresql",)
USERS = ("postgres", "nobody")


def programs() -> Path | None:
    """Give the folder of the newest installed server."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class PostgreSQL:
    """One server; ``start`` to ``stop``."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self._user: dict[str, object] = {}
        self._bin = Path()

    def url(self, database: str = "postgres") -> str:
        """Give the address of a database."""
        return f"postgresql+pg8000://beleg@/{database}?unix_sock={self.root}/.s.PGSQL.5432"

    def new_database(self) -> str:
        """Make an empty database; give its address."""
        engine = create_engine(self.url(), isolation_level="AUTOCOMMIT")
        name = f"catalogue_{secrets.token_hex(6)}"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self.url(name)

    def start(self) -> str:
        """Make and start the server; give its version.

        Raises:
            RuntimeError: it is not installed, or did not come up.
        """
        found = programs()
        if found is None:
            raise RuntimeError("initdb is not there")
        self._bin = found
        self.root = Path(tempfile.mkdtemp(prefix="beleg-postgresql-"))
        if os.geteuid() == 0:
            entry = next(entry for entry in pwd.getpwall() if entry.pw_name in USERS)
            self._user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(self.root, entry.pw_uid, entry.pw_gid)
        data = self.root / "data"
        self._run("initdb", "-D", data, "-U", "beleg", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.root}' -c fsync=off"
        self._run("pg_ctl", "-D", data, "-l", self.root / "log", "-w", "-t", "60", "-o", options, "start")
        return self._run("postgres", "--version").strip()

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self.root is None:
            return
        data = self.root / "data"
        if (data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.root, ignore_errors=True)
        self.root = None

    def _run(self, program: str, *arguments: object) -> str:
        command = [str(self._bin / program), *map(str, arguments)]
        with tempfile.TemporaryFile() as out:  # a pipe would be inherited by the server and never end
            done = subprocess.run(
                command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=120, check=False,
                cwd="/", env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, **self._user,  # type: ignore[call-overload]
            )  # fmt: skip
            out.seek(0)
            text: str = out.read().decode("utf-8", "replace")
        if done.returncode:
            raise RuntimeError(f"{program}: {text.strip().splitlines()[-1:]}")
        return text
