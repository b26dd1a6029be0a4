"""The emulator never outlives the process that started it, however that process ends."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path


def die_with_it(work_directory: str) -> None:
    """Ends this process, its Lambda functions and the MicroVMs once the other end of our standard input is closed.

    The kernel closes it even when the parent is killed. We are the leader of a process group, to which the
    functions' processes belong.
    """
    if os.getpgrp() != os.getpid():
        raise SystemExit("the local AWS must be started as the leader of its own process group")
    threading.Thread(target=_wait_and_end, args=(work_directory,), daemon=True).start()


def _wait_and_end(work_directory: str) -> None:
    sys.stdin.buffer.read()
    _end_microvms(work_directory)
    shutil.rmtree(work_directory, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _end_microvms(work_directory: str) -> None:
    """A killed simulator leaves them behind; they run in the work directory. Where there is no /proc, they stay."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").resolve(strict=True).is_relative_to(Path(work_directory) / "microvms"):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            pass  # Not ours to look at, or gone meanwhile.
