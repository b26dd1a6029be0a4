"""Requests count as sent over TLS.

AWS is called by HTTPS, so `aws:SecureTransport` is true. The emulator is called by plain HTTP on the loopback
interface and says false. CDK's bootstrap bucket refuses all that is not TLS, so no asset could be published.
"""

from ministack import app

from emulator.patching import wrap


def apply() -> None:
    wrap(app, "pin_request_origin", ("source_ip", "secure_transport"), _always_secure)


def _always_secure(pin_request_origin):
    return lambda source_ip, secure_transport: pin_request_origin(source_ip, True)
