"""The same mailbox into public-inbox (git and Xapian) and into Beleg, in one run on one machine."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.corpus import made
from tests.benchmarks.steps import take
from tests.tools import install

MAILS = 10_000
PACKAGES = ("public-inbox", "libsearch-xapian-perl", "git")
IMPORT = """
use strict; use PublicInbox::Inbox; use PublicInbox::InboxWritable;
my ($dir, $mbox) = @ARGV;
my $inbox = PublicInbox::Inbox->new({inboxdir => $dir, name => 'bench', version => 2, indexlevel => 'full',
    -primary_address => 'bench@firm.example'});
$inbox = PublicInbox::InboxWritable->new($inbox, {nproc => 2});
$inbox->init_inbox(1);
open my $in, '<', $mbox or die $!;
binmode $in;
$inbox->import_mbox($in, 'mboxo');
"""
"""As its own import scripts do it: V2Writable, one shard, full text index."""


def measure(folder: Path, line: Callable[[str, str, float], None]) -> dict[str, float]:
    """Give mails a second of both, and how many times the other's rate ours is."""
    if shutil.which("public-inbox-init") is None:
        answer = install(PACKAGES)
        if shutil.which("public-inbox-init") is None:
            print(f"public-inbox: not measured, it cannot be had: {answer}")
            return {}
    mbox = made("mbox", MAILS, folder)
    with tempfile.TemporaryDirectory(prefix="beleg-bench-") as name:
        script, inbox = Path(name) / "import.pl", Path(name) / "inbox"
        script.write_text(IMPORT, encoding="utf-8")
        begun = time.perf_counter()
        subprocess.run(["perl", str(script), str(inbox), str(mbox)], check=True, capture_output=True)
        theirs = MAILS / (time.perf_counter() - begun)
        kept = subprocess.run(
            ["git", f"--git-dir={inbox}/git/0.git", "rev-list", "--count", "HEAD"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert int(kept.stdout) >= MAILS
    ours = take(folder, "mbox", MAILS)["items/s"]
    found = {"public-inbox, mails/s": theirs, "Beleg, mails/s": ours, "times its rate": ours / theirs}
    for key, figure in found.items():
        line("beside public-inbox", key, figure)
    return found
