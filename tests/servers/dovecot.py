"""An IMAP server of Debian's packages in one folder, on 127.0.0.1, for the tests."""

import imaplib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PACKAGES = ("dovecot-imapd",)
PROGRAM = "/usr/sbin/dovecot"
ACCOUNT, SECRET = "einkauf", "a password for tests"

_SETTINGS = """\
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{root}/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {root}/passwd
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={root}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


class Dovecot:
    """One server; ``start`` to ``stop``. It may be killed and started again over the same mail."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"imap://127.0.0.1:{self.port}"

    def start(self) -> str:
        """Make and start the server; give its version.

        Raises:
            RuntimeError: it is not installed, this user may not start it, or it did not come up.
        """
        if os.geteuid() != 0:
            raise RuntimeError("Dovecot is started as root only")
        if not Path(PROGRAM).exists():
            raise RuntimeError("dovecot is not there")
        self.root = Path(tempfile.mkdtemp(prefix="beleg-dovecot-"))
        self.root.chmod(0o755)
        (self.root / "mail").mkdir()
        shutil.chown(self.root / "mail", "mail")
        (self.root / "passwd").write_text(f"{ACCOUNT}:{{PLAIN}}{SECRET}\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (self.root / "dovecot.conf").write_text(_SETTINGS.format(root=self.root, port=self.port))
        self.up()
        done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False)
        return f"Dovecot {done.stdout.strip()}"

    def up(self) -> None:
        """Start it over the mail that is there."""
        assert self.root is not None
        with tempfile.TemporaryFile() as out:  # a pipe would be inherited by the server and never end
            command = [PROGRAM, "-c", str(self.root / "dovecot.conf")]
            code = subprocess.run(
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False
            ).returncode
            out.seek(0)
            said = out.read().decode("utf-8", "replace")
        if code:
            raise RuntimeError(f"dovecot: {said.strip().splitlines()[-1:]}")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                imaplib.IMAP4("127.0.0.1", self.port, timeout=20).shutdown()
            except (OSError, imaplib.IMAP4.abort):
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("dovecot does not answer")

    def kill(self) -> None:
        """Kill it and all that serves connections, at once."""
        assert self.root is not None
        master = int((self.root / "run" / "master.pid").read_text())
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(master)], capture_output=True, text=True, check=False
        )
        for process in (master, *map(int, listed.stdout.split())):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        (self.root / "run" / "master.pid").unlink()

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self.root is None:
            return
        if (self.root / "run" / "master.pid").exists():
            self.kill()
        shutil.rmtree(self.root, ignore_errors=True)
        self.root = None

    def client(self) -> imaplib.IMAP4:
        """Give a connection of the account, to write mail with."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.login(ACCOUNT, SECRET)
        return client
