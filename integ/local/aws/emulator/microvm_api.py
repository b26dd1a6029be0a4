"""The MicroVM and network-connector API: authorised here, answered by the simulator.

The emulator has a small one of its own, without builds, deletions and tags, in which every action is allowed.
"""

import asyncio
import contextvars
import json
from urllib.parse import urlencode

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.core.router import extract_access_key_id, extract_region

from emulator.authorization import Request, authorize
from emulator.operations import find_operation, is_ours
from emulator.patching import existing, wrap
from emulator.simulator import Answer, Simulator

# The path as it was sent: a slash inside an identifier is still encoded. The emulator's dispatcher gets it decoded.
_raw_path: contextvars.ContextVar[str] = contextvars.ContextVar("raw_path")


def apply(simulator_url: str) -> None:
    existing(iam_evaluator, "enforce", ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"))
    existing(app, "_credential_failure", ("service", "iam_action", "request_id", "denied", "headers"))
    wrap(app, "pin_signed_request", ("method", "raw_path", "query_params", "raw_headers"), _remembering_raw_path)
    simulator = Simulator(simulator_url)
    wrap(
        app,
        "_dispatch_service_request",
        ("method", "path", "headers", "body", "query_params", "request_id"),
        lambda dispatch: _dispatching_to(simulator, dispatch),
    )


def _remembering_raw_path(pin_signed_request):
    def pin(method, raw_path, query_params, raw_headers):
        _raw_path.set(raw_path)
        return pin_signed_request(method, raw_path, query_params, raw_headers)

    return pin


def _dispatching_to(simulator: Simulator, dispatch):
    async def dispatch_request(method, path, headers, body, query_params, request_id):
        raw_path = _raw_path.get()
        if not is_ours(raw_path):
            return await dispatch(method, path, headers, body, query_params, request_id)
        # On a thread: the simulator may take long, and calls back while it answers.
        return await asyncio.to_thread(_answer, simulator, method, raw_path, headers, body, query_params, request_id)

    return dispatch_request


def _answer(simulator: Simulator, method: str, raw_path: str, headers: dict, body: bytes, query: dict, request_id: str) -> Answer:
    try:
        refusal = _refusal(simulator, method, raw_path, headers, body, query, request_id)
        target = f"{raw_path}?{urlencode(query, doseq=True)}" if query else raw_path
        return refusal or simulator.send(method, target, headers, body)
    except OSError as failure:
        return 500, {"x-amzn-errortype": "InternalServerException"}, json.dumps({"message": f"simulator: {failure}"}).encode()


def _refusal(simulator: Simulator, method: str, raw_path: str, headers: dict, body: bytes, query: dict, request_id: str) -> Answer | None:
    """The answer to a request that IAM does not allow."""
    found = find_operation(method, raw_path)
    if found is None:
        return None
    operation, identifiers = found
    request = Request(
        operation=operation,
        identifiers=identifiers,
        query=query,
        body=_json_object(body),
        access_key_id=extract_access_key_id(headers, query),
        account=get_account_id(),
        region=extract_region(headers),
    )
    denial = authorize(request, simulator)
    if isinstance(denial, iam_evaluator.AuthError):
        return app._credential_failure("lambda", operation.action, request_id, denial, headers)
    if denial is None:
        return None
    return 403, {"Content-Type": "application/json", "x-amzn-errortype": "AccessDeniedException"}, json.dumps({"Message": denial.message}).encode()


def _json_object(body: bytes) -> dict:
    """The body, or nothing if it is not an object, of which the simulator will complain."""
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
