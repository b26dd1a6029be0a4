"""Requests count as sent over TLS.

AWS is called over HTTPS, so `aws:SecureTransport` is true. The emulator is called over HTTP on the loopback
interface and sets it to false. The bootstrap bucket of the CDK denies requests without TLS, so no asset could be
published.
"""

from ministack import app

from emulator.patching import wrap


def apply() -> None:
    wrap(app, "pin_request_origin", ("source_ip", "secure_transport"), _always_secure)


def _always_secure(pin_request_origin):
    return lambda source_ip, secure_transport: pin_request_origin(source_ip, True)
