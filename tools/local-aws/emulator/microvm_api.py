"""The MicroVM and network connector API: authorized here, answered by the simulator.

The emulator has a small implementation of its own, without builds, deletions and tags, in which every action is
allowed.
"""

import asyncio
import contextvars
import json
from urllib.parse import urlencode

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.core.router import extract_access_key_id, extract_region

from emulator import connector_networks, encryption_keys, operator_roles
from emulator.authorization import Request, authorize
from emulator.operations import find_operation, is_ours
from emulator.patching import existing, wrap
from emulator.simulator import Answer, Simulator

# The path as sent, where a slash inside an identifier is still encoded. The dispatcher receives a decoded path.
_raw_path: contextvars.ContextVar[str] = contextvars.ContextVar("raw_path")


def apply(simulator: Simulator, unsupported_zones: list[str]) -> None:
    existing(iam_evaluator, "enforce", ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"))
    existing(app, "_credential_failure", ("service", "iam_action", "request_id", "denied", "headers"))
    wrap(app, "pin_signed_request", ("method", "raw_path", "query_params", "raw_headers"), _remembering_raw_path)
    wrap(
        app,
        "_dispatch_service_request",
        ("method", "path", "headers", "body", "query_params", "request_id"),
        lambda dispatch: _dispatching_to(simulator, unsupported_zones, dispatch),
    )


def _remembering_raw_path(pin_signed_request):
    def pin(method, raw_path, query_params, raw_headers):
        _raw_path.set(raw_path)
        return pin_signed_request(method, raw_path, query_params, raw_headers)

    return pin


def _dispatching_to(simulator: Simulator, unsupported_zones: list[str], dispatch):
    def answer(method: str, raw_path: str, headers: dict, body: bytes, query: dict, request_id: str) -> Answer:
        try:
            request = _parse_request(method, raw_path, headers, body, query)
            rejected = request and (_denial(request, simulator, request_id, headers) or _rejection(request, simulator, unsupported_zones))
            target = f"{raw_path}?{urlencode(query, doseq=True)}" if query else raw_path
            return rejected or simulator.send(method, target, {**headers, **_prediction(request)}, body)
        except OSError as failure:
            return 500, {"x-amzn-errortype": "InternalServerException"}, json.dumps({"message": f"simulator: {failure}"}).encode()

    async def dispatch_request(method, path, headers, body, query_params, request_id):
        raw_path = _raw_path.get()
        if not is_ours(raw_path):
            return await dispatch(method, path, headers, body, query_params, request_id)
        # On a thread, because the simulator may take long, and calls the emulator while it answers.
        return await asyncio.to_thread(answer, method, raw_path, headers, body, query_params, request_id)

    return dispatch_request


def _parse_request(method: str, raw_path: str, headers: dict, body: bytes, query: dict) -> Request | None:
    """The requested operation; None if it does not exist, which the simulator reports."""
    found = find_operation(method, raw_path)
    if found is None:
        return None
    operation, identifiers = found
    return Request(
        operation=operation,
        identifiers=identifiers,
        query=query,
        body=_json_object(body),
        access_key_id=extract_access_key_id(headers, query),
        account=get_account_id(),
        region=extract_region(headers),
    )


def _denial(request: Request, simulator: Simulator, request_id: str, headers: dict) -> Answer | None:
    """The answer to a request that IAM denies."""
    denial = authorize(request, simulator)
    if isinstance(denial, iam_evaluator.AuthError):
        return app._credential_failure("lambda", request.operation.action, request_id, denial, headers)
    return None if denial is None else _error(403, "AccessDeniedException", {"Message": denial.message})


def _rejection(request: Request, simulator: Simulator, unsupported_zones: list[str]) -> Answer | None:
    """The answer to a request that is invalid because of other AWS resources, which the simulator does not know."""
    unusable_key = encryption_keys.rejection(request.body)
    if unusable_key is not None:
        return _error(400, "ValidationException", {"message": unusable_key})
    message = operator_roles.rejection(request, simulator, unsupported_zones)
    return None if message is None else _error(400, "InvalidParameterValueException", {"Type": "User", "message": message})


def _prediction(request: Request | None) -> dict[str, str]:
    """Tells the simulator that a connector will fail after the answer, because of its VPC."""
    failure = request and connector_networks.failure(request)
    return {"x-simulator-network-failure": json.dumps(failure)} if failure else {}


def _error(status: int, code: str, body: dict) -> Answer:
    return status, {"Content-Type": "application/json", "x-amzn-errortype": code}, json.dumps(body).encode()


def _json_object(body: bytes) -> dict:
    """The body, or an empty object if the body is not an object, which the simulator reports."""
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
