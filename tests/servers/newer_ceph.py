"""A newer Ceph beside the system's: Debian's testing release in a folder, entered by chroot in a mount namespace.

Testing moves: what cannot be had is said, with the installer's answer, and the rest of the tests goes on.
"""

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.ceph import PACKAGES, Ceph
from tests.tools import install

RELEASE = "forky"

ENTER = """
mount --make-rprivate /
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
if [ -n "$SHARED" ]; then mkdir -p "$ROOT$SHARED" && mount --bind "$SHARED" "$ROOT$SHARED"; fi
exec chroot "$ROOT" "$@"
"""


class NewerCeph(Ceph):
    """A cluster whose programs lie in a system of their own; processes, ports and its folder are ours."""

    def __init__(self, root: Path, system: Path) -> None:
        """``system``: where the other system lies, or is to be made."""
        super().__init__(root)
        self.system = system

    def build(self) -> None:
        """Make the other system.

        Raises:
            RuntimeError: it cannot be had here; the installer's answer.
        """
        if os.geteuid() != 0:
            raise RuntimeError("only root may make a system in a folder")
        if shutil.which("debootstrap") is None:
            answer = install(("debootstrap",))
            if shutil.which("debootstrap") is None:
                raise RuntimeError(f"debootstrap is not there; the installer says: {answer}")
        # An older debootstrap does not know the release by name; its rules are those of all.
        rules = "/usr/share/debootstrap/scripts/sid"
        _call(["debootstrap", "--variant=minbase", RELEASE, str(self.system), _mirror(), rules])
        no_daemons = self.system / "usr" / "sbin" / "policy-rc.d"
        no_daemons.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        no_daemons.chmod(0o755)
        wanted = " ".join(PACKAGES)
        # A mirror that stands still is good enough here; its signatures are checked all the same.
        update = "apt-get update -q -o Acquire::Check-Valid-Until=false"
        self._enter("sh", "-c", f"{update} && apt-get install -yq --no-install-recommends {wanted}")

    def stop(self) -> None:
        """Stop everything; remove the folder and the other system."""
        super().stop()
        shutil.rmtree(self.system, ignore_errors=True)

    def _enter(self, *command: str, shared: str = "") -> str:
        environment = {
            **os.environ, "ROOT": str(self.system), "SHARED": shared, "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        }  # fmt: skip
        return _call(["unshare", "--mount", "sh", "-ec", ENTER, "enter", *command], environment)

    def _call(self, command: list[str]) -> str:
        return self._enter(*command, shared=str(self.root))

    def _class_folder(self) -> str:
        found = sorted(self.system.glob("usr/lib/*/rados-classes"))
        return f"/{found[0].relative_to(self.system)}" if found else "/usr/lib/rados-classes"


def _mirror() -> str:
    """Give the address from which this system gets its own packages."""
    told = _call(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)", "Created-By: Packages"]
    )
    for line in told.splitlines():
        if line.startswith("Debian Debian "):
            return line.split()[2]
    raise RuntimeError("this system gets no packages from Debian")


def _call(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, env=environment or os.environ
    )
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise RuntimeError(f"{command[0]}: {lines[-1] if lines else done.returncode}")
    return done.stdout
