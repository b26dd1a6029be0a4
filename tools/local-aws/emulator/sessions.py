"""Sessions of roles are registered by one thread at a time.

Before it registers a session, the emulator looks through all others for expired ones. If another thread
registers a session meanwhile, the look fails with "dictionary changed size during iteration". The emulator
registers a session for each start of a Lambda function, which then fails too.
"""

from threading import Lock

from ministack.services import sts

from emulator.patching import wrap

_lock = Lock()


def apply() -> None:
    wrap(sts, "register_session", ("access_key", "session"), _one_at_a_time)


def _one_at_a_time(register):
    def registering(access_key, session):
        with _lock:
            register(access_key, session)

    return registering
