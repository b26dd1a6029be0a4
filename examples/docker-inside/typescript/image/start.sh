#!/bin/sh
# A MicroVM that runs containers. Its image needs MicrovmOsCapabilities.ALL.
set -eu
# The MicroVM has a containerd already; a second one would not come up beside it.
dockerd --containerd=/run/containerd/containerd.sock >/var/log/dockerd.log 2>&1 &
exec node /app/server.js
