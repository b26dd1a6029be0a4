"""The emulator never outlives the process that started it, however that process terminates."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path


def exit_with_parent(work_directory: str) -> None:
    """Terminates this process, its Lambda functions and the MicroVMs when standard input is closed.

    The kernel closes standard input even if the parent process is killed. This process leads a process group, to
    which the processes of the functions belong.
    """
    if os.getpgrp() != os.getpid():
        raise SystemExit("the local AWS must be started as the leader of its own process group")
    threading.Thread(target=_wait_and_terminate, args=(work_directory,), daemon=True).start()


def _wait_and_terminate(work_directory: str) -> None:
    sys.stdin.buffer.read()
    _terminate_microvms(work_directory)
    shutil.rmtree(work_directory, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _terminate_microvms(work_directory: str) -> None:
    """A killed simulator leaves MicroVMs in its work directory. On systems without /proc they keep running."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").resolve(strict=True).is_relative_to(Path(work_directory) / "microvms"):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            pass  # Owned by another user, or terminated in the meantime.
