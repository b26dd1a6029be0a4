"""Permissions boundaries and paths of roles.

- CloudFormation sets the boundary of the template on a role. The emulator ignores it, so a role that was deployed with
  a boundary could do everything that its policies allow.
- A policy that is the boundary of a role cannot be deleted. The emulator enforces this in its API, but not in
  CloudFormation.
- Calls of IAM are authorized on the ARN of the role with its path, and with `iam:PermissionsBoundary`: the boundary
  that a call sets, else the boundary of the role. The emulator leaves out both.
"""

from ministack.core import iam_actions
from ministack.core.responses import get_account_id
from ministack.services import iam
from ministack.services.cloudformation import provisioners

from emulator.patching import existing, wrap

ROLE = "AWS::IAM::Role"
POLICY = "AWS::IAM::ManagedPolicy"

BOUNDARY = "PermissionsBoundary"
BOUNDARY_KEY = "iam:PermissionsBoundary"


def apply() -> None:
    existing(iam, "_boundary_policy_error", ("arn",))
    existing(iam, "_boundary_usage_counts", ())
    existing(provisioners, "_iam_role_create", ("logical_id", "props", "stack_name"))
    existing(provisioners, "_iam_role_update", ("physical_id", "old_props", "new_props", "stack_name", "logical_id"))
    existing(provisioners, "_iam_managed_policy_delete", ("physical_id", "props"))
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[ROLE]["create"] = _creating_with_boundary(handlers[ROLE]["create"])
    handlers[ROLE]["update"] = _updating_with_boundary(handlers[ROLE]["update"])
    handlers[POLICY]["delete"] = _unless_a_boundary(handlers[POLICY]["delete"])
    wrap(
        iam_actions,
        "extract_resource_arn",
        ("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
        _on_roles_with_paths,
    )
    wrap(iam_actions, "request_tag_context", ("service", "iam_action", "body", "params"), _with_boundary_key)


def boundary_context(boundary: str | None) -> dict:
    """The condition key, which is absent without a boundary."""
    return {BOUNDARY_KEY: boundary} if boundary else {}


def role_arn(path: str, name: str) -> str:
    return f"arn:aws:iam::{get_account_id()}:role{path}{name}"


def _creating_with_boundary(create):
    def create_role(logical_id, props, stack_name):
        _check(props)
        name, attributes, *rest = create(logical_id, props, stack_name)
        iam._roles[name][BOUNDARY] = props.get(BOUNDARY)
        return (name, attributes, *rest)

    return create_role


def _updating_with_boundary(update):
    def update_role(physical_id, old_props, new_props, stack_name, logical_id=None):
        _check(new_props)
        name, attributes, *rest = update(physical_id, old_props, new_props, stack_name, logical_id)
        iam._roles[name][BOUNDARY] = new_props.get(BOUNDARY)
        return (name, attributes, *rest)

    return update_role


def _check(props: dict) -> None:
    """The boundary must be an existing policy."""
    boundary = props.get(BOUNDARY)
    if boundary and iam._boundary_policy_error(boundary):
        raise ValueError(f"Scope ARN: {boundary} does not exist or is not attachable.")


def _unless_a_boundary(delete):
    def delete_policy(physical_id, props):
        if iam._boundary_usage_counts().get(physical_id):
            raise ValueError("Cannot delete a policy attached to entities.")
        return delete(physical_id, props)

    return delete_policy


def _on_roles_with_paths(extract_resource_arn):
    def extract(service, method, path, headers, body, query_params, region, account_id):
        name = _parameter(query_params, "RoleName") if service == "iam" else None
        if not name:
            return extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
        role = iam._roles.get(name)
        return role["Arn"] if role else role_arn(_parameter(query_params, "Path") or "/", name)

    return extract


def _with_boundary_key(request_tag_context):
    def context(service, iam_action, body, params):
        found = request_tag_context(service, iam_action, body, params)
        if service != "iam":
            return found
        entity = iam._roles.get(_parameter(params, "RoleName")) or iam._users.get(_parameter(params, "UserName")) or {}
        return {**found, **boundary_context(_parameter(params, BOUNDARY) or entity.get(BOUNDARY))}

    return context


def _parameter(params: dict, name: str) -> str:
    return iam_actions._query_param(params, name)
