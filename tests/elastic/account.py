"""The account that the server runs under, since it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from tests.elastic.archive import UnavailableError


def other_user() -> pwd.struct_passwd | None:
    """Elasticsearch refuses to run as root; None where it can run as the present user."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_other_user() -> list[str]:
    setpriv = shutil.which("setpriv")
    other = other_user()
    if setpriv is None:
        if other is not None:
            raise UnavailableError("setpriv is not installed, and Elasticsearch cannot run as root")
        return []
    # The launcher dies with the thread that started it, and its server with the launcher.
    command = [setpriv, "--pdeathsig", "KILL"]
    if other is not None:
        command += [f"--reuid={other.pw_uid}", f"--regid={other.pw_gid}", "--clear-groups"]
    return [*command, "--"]


def check_reachable(user: pwd.struct_passwd, *folders: Path) -> None:
    for folder in folders:
        for place in (folder, *folder.parents):
            status = place.stat()
            if not (status.st_mode & 0o001 or status.st_uid == user.pw_uid):
                raise UnavailableError(
                    f"the user {user.pw_name} cannot enter {place}, "
                    "and Elasticsearch cannot run as root; run the tests as another user"
                )
