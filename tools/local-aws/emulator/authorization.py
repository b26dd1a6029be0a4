"""IAM of the MicroVM and network connector API, as far as the behavior of the live service is known.

Each request is checked on its own action and resource. Further checks cover what the request implies: tags at
creation, and the roles and connectors that it passes. The evaluator of the emulator decides each check. It knows
the policies, boundary and session of the caller. The order of the checks on the live service is not known, nor
which of several denials it reports.
"""

import re
from dataclasses import dataclass, field
from typing import Iterator

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import AuthError, EvalContext, enforce

from emulator import encryption_keys
from emulator.denials import denial_of
from emulator.operations import Operation, Resource
from emulator.simulator import Simulator

# For the evaluator: a service without resource policies.
SERVICE = "lambda-microvms"

ROLE_FIELDS = ("buildRoleArn", "executionRoleArn", "OperatorRole")
CREATIONS = ("CreateMicrovmImage", "CreateNetworkConnector")

_OWN_ARN = re.compile(r"arn:[^:]*:lambda:[^:]*:(\d{12}):")


@dataclass(frozen=True)
class Request:
    operation: Operation
    identifiers: list[str]
    query: dict
    body: dict
    access_key_id: str
    account: str
    region: str


@dataclass(frozen=True)
class Check:
    action: str
    resource: str
    context: dict = field(default_factory=dict)
    # The service answers "access denied" without details.
    silent: bool = False
    # The service whose resource policies count.
    service: str = SERVICE


@dataclass(frozen=True)
class Denial:
    message: str | None


def authorize(request: Request, simulator: Simulator) -> Denial | AuthError | None:
    """Why the request is denied; None if it is allowed."""
    for check in _checks(request, simulator):
        denied = enforce(request.access_key_id, check.action, check.service, request.region, check.resource, check.context)
        if isinstance(denied, AuthError):
            return denied
        if denied is not None:
            return Denial(None if check.silent else _message(check, request))
        if _is_foreign(check.resource, request.account):
            return Denial(_foreign_message(check, request))
    return None


def _checks(request: Request, simulator: Simulator) -> Iterator[Check]:
    yield from _own_check(request, simulator)
    yield from _tagging_at_creation(request)
    yield from _passed_roles(request)
    yield from _passed_connectors(request, simulator)
    yield from _used_key(request)


def _own_check(request: Request, simulator: Simulator) -> Iterator[Check]:
    resource = _resource(request, simulator)
    if resource is None:
        # A MicroVM that does not exist has no image to authorize on. The service answers "not found" to any caller
        # with credentials (inferred).
        yield Check("sts:GetCallerIdentity", "*")
        return
    context = {**_request_tags(request), **_network_context(request), **_resource_tags(request, resource, simulator)}
    yield Check(request.operation.action, resource, context)


def _resource(request: Request, simulator: Simulator) -> str | None:
    match request.operation.resource:
        case Resource.ANY:
            return "*"
        case Resource.IMAGE:
            return _arn(request, "microvm-image", request.identifiers[0])
        case Resource.IMAGE_IN_BODY:
            return _arn(request, "microvm-image", str(request.body.get("imageIdentifier", "")))
        case Resource.IMAGE_OF_MICROVM:
            return simulator.image_of(request.identifiers[0])
        case Resource.CONNECTOR:
            identifier = request.identifiers[0]
            return _arn(request, "network-connector", simulator.connector_arn(identifier) or identifier)
        case Resource.NEW_CONNECTOR:
            return _arn(request, "network-connector", "*")
        case Resource.TAGGED:
            return request.identifiers[0]


def _arn(request: Request, kind: str, identifier: str) -> str:
    if identifier.startswith("arn:"):
        return identifier
    return f"arn:aws:lambda:{request.region}:{request.account}:{kind}:{identifier}"


def _request_tags(request: Request) -> dict:
    """aws:RequestTag/* and aws:TagKeys of a creation, of TagResource and of UntagResource."""
    tags = request.body.get("tags") or request.body.get("Tags") or {}
    keys = [*tags, *request.query.get("tagKeys", [])]
    context = {f"aws:requesttag/{key}".lower(): value for key, value in tags.items()}
    return {**context, "aws:tagkeys": keys} if keys else context


def _network_context(request: Request) -> dict:
    """lambda:SubnetIds and lambda:SecurityGroupIds. UpdateNetworkConnector does not have these keys."""
    if request.operation.name != "CreateNetworkConnector":
        return {}
    configuration = (request.body.get("Configuration") or {}).get("VpcEgressConfiguration") or {}
    return {f"lambda:{name}": configuration[name] for name in ("SubnetIds", "SecurityGroupIds") if configuration.get(name)}


def _resource_tags(request: Request, resource: str, simulator: Simulator) -> dict:
    """aws:ResourceTag/* of the image or connector. A creation has none."""
    if request.operation.resource in (Resource.ANY, Resource.NEW_CONNECTOR):
        return {}
    return {f"aws:resourcetag/{key}".lower(): value for key, value in simulator.tags_of(resource).items()}


def _tagging_at_creation(request: Request) -> Iterator[Check]:
    """Checked on "*", because the ARN is not known during authorization. A denial has no message."""
    tags = _request_tags(request)
    if tags and request.operation.name in CREATIONS:
        yield Check("lambda:TagResource", "*", tags, silent=True)


def _passed_roles(request: Request) -> Iterator[Check]:
    """Without iam:PassedToService: the live service denies policies that require the key."""
    for name in ROLE_FIELDS:
        if isinstance(request.body.get(name), str):
            yield Check("iam:PassRole", request.body[name])


def _passed_connectors(request: Request, simulator: Simulator) -> Iterator[Check]:
    for connector in _connectors(request, simulator):
        yield Check("lambda:PassNetworkConnector", connector)


def _connectors(request: Request, simulator: Simulator) -> list[str]:
    """A launch passes an ingress and an egress connector even if the request names none."""
    named_egress = request.body.get("egressNetworkConnectors") or []
    match request.operation.name:
        case "CreateMicrovmImage" | "UpdateMicrovmImage":
            return named_egress
        case "RunMicrovm":
            ingress = request.body.get("ingressNetworkConnectors") or [_managed_connector(request, "HTTP_INGRESS")]
            return [*ingress, *(named_egress or _default_egress(request, simulator))]
        case _:
            return []


def _default_egress(request: Request, simulator: Simulator) -> list[str]:
    image = str(request.body.get("imageIdentifier", ""))
    build_egress = simulator.build_egress_of(image, request.body.get("imageVersion"))
    return build_egress or [_managed_connector(request, "INTERNET_EGRESS")]


def _managed_connector(request: Request, name: str) -> str:
    return f"arn:aws:lambda:{request.region}:aws:network-connector:aws-network-connector:{name}"


def _used_key(request: Request) -> Iterator[Check]:
    """Both the policies of the caller and the policy of the key decide. Which actions the service needs is a guess."""
    identifier = request.body.get("kmsKeyIdentifier")
    if isinstance(identifier, str):
        resource = encryption_keys.arn_of(identifier, request.region, request.account)
        for action, context in encryption_keys.needs(request.region):
            yield Check(action, resource, context, service="kms")


def _is_foreign(resource: str, account: str) -> bool:
    """Whether a resource belongs to another account. Such resources have no resource policies, so access is denied."""
    owner = _OWN_ARN.match(resource)
    return owner is not None and owner.group(1) != account


def _message(check: Check, request: Request) -> str | None:
    """Names the type of policy that denied the request."""
    # With the limits that a service control policy sets.
    principal = iam_evaluator.resolve_principal(request.access_key_id, request.account)
    context = EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=check.action,
        resource_arn=check.resource,
        region=request.region,
        service_context={"aws:tagkeys": None, **{key.lower(): value for key, value in check.context.items()}},
        principal_keys=principal.keys,
    )
    # If the policies of the caller allow the action, the policy of the resource does not.
    return denial_of(context, principal.policies, principal.limits) or _denied_by_resource(principal.arn, check)


def _foreign_message(check: Check, request: Request) -> str:
    return _denied_by_resource(f"arn:aws:iam::{request.account}:root", check)


def _denied_by_resource(caller: str, check: Check) -> str:
    reason = f"because no resource-based policy allows the {check.action} action"
    return f"User: {caller} is not authorized to perform: {check.action} on resource: {check.resource} {reason}"
