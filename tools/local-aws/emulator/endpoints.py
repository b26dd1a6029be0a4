"""Endpoints of the local AWS that AWS does not have, for tools and tests on this machine.

The emulator has a function for requests that it answers before any service does. Each endpoint wraps it once more.
"""

import json
from typing import Callable

from ministack import app

from emulator.patching import wrap

Answer = tuple[int, dict, bytes]


def add_post_endpoint(own_path: str, answer: Callable[[dict], Answer]) -> None:
    """Answers POST requests with this path. The body is JSON."""

    def with_endpoint(handle_post_body_shortcuts):
        async def handle(method, path, headers, body, query_params, request_id):
            if method == "POST" and path == own_path:
                return answer(json.loads(body))
            return await handle_post_body_shortcuts(method, path, headers, body, query_params, request_id)

        return handle

    wrap(app, "_handle_post_body_shortcuts", ("method", "path", "headers", "body", "query_params", "request_id"), with_endpoint)
