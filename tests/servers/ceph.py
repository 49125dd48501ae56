"""A Ceph cluster of one monitor, one store in memory and one S3 gateway, on 127.0.0.1, for the tests.

No systemd, no key rings, no manager. Everything lies in one folder and goes with it. The gateway knows an
owner and a user for each role, whose rights a test sets by policy.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("ceph-mon", "ceph-osd", "radosgw")
USERS = ("owner", "ingest", "legal", "privacy", "auditor", "stranger")
DAEMONS = ("rgw", "osd", "mon")
NOT_YET = "problem getting command descriptions"
"""What every command may be told while the monitor comes up; it was not carried out then."""

CONF = """
[global]
fsid = {fsid}
mon_host = v1:127.0.0.1:{mon_port}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = {root}/run
admin_socket = {root}/run/$name.asok
pid_file = {root}/run/$name.pid
log_file = {root}/log/$name.log
crash_dir = {root}/log
log_to_stderr = false
err_to_stderr = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
# The store's own registration at start can race with the monitor; it is registered by hand.
osd_crush_update_on_start = false
osd_class_update_on_start = false
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_crit = 0
mon_warn_on_pool_no_redundancy = false
[mon]
mon_data = {root}/mon
# Else making the pools alone takes nine seconds.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
[osd]
osd_data = {root}/osd
osd_class_dir = {classes}
osd_objectstore = memstore
memstore_device_bytes = {memory}
[client]
rgw_data = {root}/rgw
# Without tcp_nodelay a small read takes forty milliseconds.
rgw_frontends = beast tcp_nodelay=1 endpoint=127.0.0.1:{port}
rgw_enable_usage_log = false
rgw_thread_pool_size = 64
rgw_num_rados_handles = 1
"""


def free_port() -> int:
    """Give a port of 127.0.0.1 that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Credentials:
    """The key pair of a user of the gateway."""

    key: str
    secret: str

    def environment(self) -> dict[str, str]:
        """Give the variables by which boto3 finds them."""
        return {
            "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip


class Ceph:
    """One cluster; ``start`` to ``stop``."""

    def __init__(self, root: Path, memory: int = 8 << 30) -> None:
        """Prepare a cluster in an empty folder; ``memory``: the most bytes it keeps."""
        self.root, self.memory = root, memory
        self.port, self.mon_port = free_port(), free_port()
        self.users = {name: Credentials(f"KEY{name.upper()}", f"secret-of-{name}") for name in USERS}

    @property
    def endpoint(self) -> str:
        """Give the address of the gateway."""
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    def missing() -> list[str]:
        """Name the programs that are not installed."""
        return [name for name in ("ceph-mon", "ceph-osd", "radosgw") if shutil.which(name) is None]

    def start(self) -> str:
        """Make and start the cluster; give its version.

        Raises:
            RuntimeError: a program failed, or the gateway did not come up.
        """
        for folder in ("mon", "osd", "rgw", "log", "run"):
            (self.root / folder).mkdir(parents=True)
        fsid, osd = str(uuid.uuid4()), str(uuid.uuid4())
        conf = CONF.format(
            fsid=fsid, mon_port=self.mon_port, port=self.port, root=self.root, memory=self.memory,
            classes=self._class_folder(),
        )  # fmt: skip
        (self.root / "conf").write_text(conf, encoding="utf-8")
        address = f"[v1:127.0.0.1:{self.mon_port}]"
        map_file = str(self.root / "monmap")
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, map_file, conf=False)
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", map_file)
        self._run("ceph-mon", "-i", "a")
        self._run("ceph", "--connect-timeout", "20", "osd", "new", osd)
        self._run("ceph", "osd", "crush", "add", "osd.0", "1.0", "host=h", "root=default")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._run("ceph-osd", "-i", "0")
        self._wait("the store", lambda: "1 up" in self._run("ceph", "osd", "stat"))
        for name, user in self.users.items():
            caps = ("--caps=user-policy=*;roles=*",) if name == "owner" else ()
            self._run(
                "radosgw-admin", "user", "create", f"--uid={name}", f"--display-name={name}",
                f"--access-key={user.key}", f"--secret-key={user.secret}", *caps,
            )  # fmt: skip
        self.start_gateway()
        return self._run("radosgw", "--version").split("(")[0].strip()

    def start_gateway(self) -> None:
        """Start the gateway, also again after ``kill``."""
        self._run("radosgw", "-n", "client.rgw")
        self._wait("the gateway", self._answers)

    def kill(self, daemon: str = "rgw") -> None:
        """Kill a daemon at once."""
        self._signal(daemon, signal.SIGKILL)

    def freeze(self, daemon: str = "osd") -> None:
        """Stop a daemon from doing anything: requests hang."""
        self._signal(daemon, signal.SIGSTOP)

    def thaw(self, daemon: str = "osd") -> None:
        """Let a frozen daemon go on."""
        self._signal(daemon, signal.SIGCONT)

    def forget(self) -> None:
        """Carry out the lifecycle rules of all buckets, as the gateway does each night."""
        self._run("radosgw-admin", "lc", "process")

    def stop(self) -> None:
        """Stop everything and remove the folder."""
        for daemon in DAEMONS:
            self._signal(daemon, signal.SIGCONT)
            self._signal(daemon, signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)

    def _answers(self) -> bool:
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _signal(self, daemon: str, number: signal.Signals) -> None:
        name = {"rgw": "client.rgw", "osd": "osd.0", "mon": "mon.a"}[daemon]
        try:
            os.kill(int((self.root / "run" / f"{name}.pid").read_text()), number)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return  # it never started, or is gone

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        for _ in range(300):
            if ready():
                return
            time.sleep(0.1)
        raise RuntimeError(f"{what} of Ceph did not come up; see {self.root}/log")

    def _run(self, program: str, *arguments: str, conf: bool = True) -> str:
        command = [program, *(("--conf", str(self.root / "conf")) if conf else ()), *arguments]
        for _ in range(60):
            try:
                return self._call(command)
            except RuntimeError as error:
                if NOT_YET not in str(error):
                    raise
            time.sleep(0.5)
        return self._call(command)

    def _call(self, command: list[str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            raise RuntimeError(f"{command[0]}: {lines[-1] if lines else done.returncode}")
        return done.stdout

    def _class_folder(self) -> str:
        # Newer packages have a relative default here, and the gateway then cannot make its zone.
        found = sorted(Path("/usr/lib").glob("*/rados-classes"))
        return str(found[0]) if found else "/usr/lib/rados-classes"
