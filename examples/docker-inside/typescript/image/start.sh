#!/bin/sh
# Starts the Docker daemon and the server. The image needs MicrovmOsCapabilities.ALL.
set -eu
# The MicroVM already runs a containerd. A second one would not start beside it.
dockerd --containerd=/run/containerd/containerd.sock >/var/log/dockerd.log 2>&1 &
exec node /app/server.js
