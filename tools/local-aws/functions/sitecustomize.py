"""Allows Lambda functions on Python to reach the endpoints of MicroVMs. It is loaded through `PYTHONPATH`.

As in microvm-endpoints.cjs, connections to such a host go to the simulator without TLS.
"""

import os
import re
import socket
import ssl
from urllib.parse import urlsplit

_ENDPOINT = re.compile(r"[^.]+\.lambda-microvm\.[a-z0-9-]+\.on\.aws")
_simulator = urlsplit(os.environ["SIMULATOR_URL"])
_getaddrinfo = socket.getaddrinfo
_wrap_socket = ssl.SSLContext.wrap_socket


def _is_endpoint(host) -> bool:
    return isinstance(host, str) and bool(_ENDPOINT.fullmatch(host))


def _find(host, port, *args, **values):
    if not _is_endpoint(host):
        return _getaddrinfo(host, port, *args, **values)
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (_simulator.hostname, _simulator.port))]


def _wrap(context, sock, *args, server_hostname=None, **values):
    if _is_endpoint(server_hostname):
        return sock
    return _wrap_socket(context, sock, *args, server_hostname=server_hostname, **values)


socket.getaddrinfo = _find
ssl.SSLContext.wrap_socket = _wrap
