"""On which actions, resources and keys a request is authorized.

AWS authorizes a request on each resource that it names, with the tags of the resource, and asks for further permissions
that the request implies, such as iam:PassRole. The emulator authorizes a request once, on the first name that it finds
in it, which may be an alias or no resource at all. A deny on a resource would then not apply. The modules in `SERVICES`
say what AWS checks. Requests of other services are authorized as the emulator does.

The tags of EC2 resources and state machines are presented too. The emulator does not know them.
"""

import json
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator

from ministack.core import iam_actions, iam_evaluator
from ministack.services import ec2, kms, stepfunctions, tagging
from ministack.services.cloudformation import changesets, handlers

from emulator import (
    cloudformation_requests,
    ec2_requests,
    event_requests,
    function_requests,
    iam_requests,
    kms_requests,
    parameter_requests,
    role_requests,
    state_machine_requests,
)
from emulator.checks import Check, Request
from emulator.patching import existing, wrap

SERVICES: dict[str, Callable[[Request], Iterator[Check]]] = {
    "cloudformation": cloudformation_requests.checks,
    "ec2": ec2_requests.checks,
    "events": event_requests.checks,
    "iam": iam_requests.checks,
    "kms": kms_requests.checks,
    "lambda": function_requests.checks,
    "ssm": parameter_requests.checks,
    "states": state_machine_requests.checks,
    "sts": role_requests.checks,
}


@dataclass
class Pending:
    """The checks of a request that has not been authorized yet."""

    service: str
    action: str
    resource: str
    checks: list[Check] = field(default_factory=list)


_pending: ContextVar[Pending | None] = ContextVar("pending", default=None)


def apply() -> None:
    existing(iam_actions, "extract_iam_action", ("service", "method", "path", "headers", "body", "query_params"))
    existing(tagging, "resource_tags", ("arn",))
    existing(handlers, "_resolve_stack", ("stack_name",))
    existing(changesets, "_find_change_set", ("cs_name", "stack_name"))
    existing(kms, "_resolve_key", ("key_id_or_arn",))
    wrap(
        iam_actions,
        "extract_resource_arn",
        ("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
        _on_all_resources,
    )
    wrap(iam_evaluator, "enforce", ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"), _all_checks)


def _on_all_resources(extract_resource_arn):
    def extract(service, method, path, headers, body, query_params, region, account_id):
        _pending.set(None)
        first = extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
        action = iam_actions.extract_iam_action(service, method, path, headers, body, query_params)
        if service not in SERVICES or action is None:
            return first
        request = Request(action, path, _parameters(query_params, body), region, account_id, first)
        checks = list(SERVICES[service](request)) or [Check(action, first)]
        _pending.set(Pending(service, action, checks[0].resource, checks))
        return checks[0].resource

    return extract


def _parameters(query_params: dict, body: bytes) -> dict[str, Any]:
    """The parameters of a request, whatever its protocol."""
    given = {name: value[0] if isinstance(value, list) and value else value for name, value in query_params.items()}
    try:
        content = json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        content = {}
    return {**given, **content}


def _all_checks(enforce):
    def enforce_all(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        pending = _pending.get()
        checks = [Check(iam_action, resource_arn)]
        if pending is not None and (pending.service, pending.action, pending.resource) == (service, iam_action, resource_arn):
            _pending.set(None)
            checks = pending.checks
        for check in checks:
            # Keys of the request belong to its own action only.
            of_request = service_context or {} if check.action == iam_action else {}
            context = {**tag_context(check.resource), **of_request, **check.context}
            denied = enforce(access_key_id, check.action, check.service or service, region, check.resource, context)
            if denied:
                return denied
        return None

    return enforce_all


def tag_context(resource: str) -> dict[str, str]:
    """The condition keys that the tags of a resource give."""
    return {f"aws:ResourceTag/{key}": value for key, value in _tags_of(resource).items()}


def _tags_of(resource: str) -> dict[str, str]:
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return {}
    service, name = parts[2], parts[5]
    if service == "ec2":
        return _from_list(ec2._tags.get(name.split("/", 1)[-1]))
    if service == "states":
        # Versions and aliases have the tags of their state machine.
        return _from_list(stepfunctions._tags.get(":".join(resource.split(":")[:7])))
    if service == "lambda":
        return tagging.resource_tags(":".join(resource.split(":")[:7])) or {}
    return {}


def _from_list(tags: list[dict] | None) -> dict[str, str]:
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in tags or []}
