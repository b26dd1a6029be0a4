"""The execution role of CloudFormation, for roles, policies, parameters and network connectors.

AWS changes the resources of a stack with the role that it received, or with the permissions of the caller if
there is none. The emulator changes them as root and ignores the role. The CDK bootstrap gives that role all
permissions, and a permissions boundary on request. With the boundary, a deployment cannot create a role without
the boundary, a role under the path of the network team, an entry of the catalog, or a connector.

Other resources of a deployment are not authorized. A denied resource fails when its turn comes, as on AWS.
"""

from dataclasses import dataclass, field
from typing import Callable, Iterator

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation, iam
from ministack.services.cloudformation import handlers, provisioners, stacks

from emulator.denials import denial
from emulator.patching import existing, wrap
from emulator.permissions_boundaries import BOUNDARY, boundary_context, role_arn

NATIVE_CONNECTOR = "AWS::Lambda::NetworkConnector"

SESSION = "AWSCloudFormation"
ROLE_OF_STACK = "_execution_role"
GIVE_A_ROLE = ("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet")


@dataclass(frozen=True)
class Check:
    action: str
    resource: str
    context: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """A change of a resource. The properties are None before it is created and after it is deleted."""

    logical_id: str
    stack_name: str
    physical_id: str | None
    before: dict | None
    after: dict | None

    @property
    def operation(self) -> str:
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    def differs(self, name: str) -> bool:
        return (self.before or {}).get(name) != (self.after or {}).get(name)


def apply() -> None:
    existing(handlers, "_resolve_stack", ("stack_name",))
    for action in GIVE_A_ROLE:
        handlers._ACTION_HANDLERS[action] = _remembering_the_role(handlers._ACTION_HANDLERS[action])
    wrap(stacks, "_provision_resource", ("resource_type", "logical_id", "props", "stack_name"), _authorizing_creation)
    wrap(
        stacks,
        "_update_resource",
        ("resource_type", "physical_id", "old_props", "new_props", "stack_name", "logical_id", "old_attrs"),
        _authorizing_update,
    )
    wrap(stacks, "_delete_resource", ("resource_type", "physical_id", "props", "stack_name", "logical_id"), _authorizing_deletion)
    # Without handlers, the emulator would reject templates with this type.
    provisioners._RESOURCE_HANDLERS[NATIVE_CONNECTOR] = {"create": _unsupported, "delete": lambda physical_id, props: None}


def _remembering_the_role(handle):
    def handle_and_remember(params):
        answer = handle(params)
        # Handlers do not await, so no resource has been changed yet.
        stack = handlers._resolve_stack(handlers._p(params, "StackName"))
        if stack is not None and handlers._p(params, "RoleARN"):
            stack[ROLE_OF_STACK] = handlers._p(params, "RoleARN")
        return answer

    return handle_and_remember


def _authorizing_creation(provision):
    def provision_resource(resource_type, logical_id, props, stack_name):
        _authorize(resource_type, Change(logical_id, stack_name, None, None, props))
        return provision(resource_type, logical_id, props, stack_name)

    return provision_resource


def _authorizing_update(update):
    def update_resource(resource_type, physical_id, old_props, new_props, stack_name, logical_id=None, old_attrs=None):
        if old_props != new_props:
            _authorize(resource_type, Change(logical_id or "", stack_name, physical_id, old_props, new_props))
        return update(resource_type, physical_id, old_props, new_props, stack_name, logical_id, old_attrs)

    return update_resource


def _authorizing_deletion(delete):
    def delete_resource(resource_type, physical_id, props, stack_name=None, logical_id=None):
        _authorize(resource_type, Change(logical_id or "", stack_name or "", physical_id, props, None))
        return delete(resource_type, physical_id, props, stack_name, logical_id)

    return delete_resource


def _authorize(resource_type: str, change: Change) -> None:
    execution_role = (cloudformation._stacks.get(change.stack_name) or {}).get(ROLE_OF_STACK)
    checks = _CHECKS.get(resource_type)
    if execution_role is None or checks is None:
        return
    for check in checks(change):
        denied = denial(execution_role, SESSION, check.action, check.resource, get_region(), check.context)
        if denied is not None:
            raise ValueError(denied)


def _checks_of_role(change: Change) -> Iterator[Check]:
    props = change.after or change.before or {}
    known = iam._roles.get(change.physical_id) or {}
    arn = known.get("Arn") or role_arn(props.get("Path", "/"), props.get("RoleName") or f"{change.stack_name}-{change.logical_id}")
    boundary = boundary_context(props.get(BOUNDARY))
    if change.operation == "delete":
        yield Check("iam:DeleteRole", arn)
        return
    if change.operation == "create" or change.differs("RoleName") or change.differs("Path"):
        yield Check("iam:CreateRole", arn, boundary)
    elif change.differs(BOUNDARY):
        action = "PutRolePermissionsBoundary" if boundary else "DeleteRolePermissionsBoundary"
        yield Check(f"iam:{action}", arn, boundary)
    if change.operation == "update" and change.differs("AssumeRolePolicyDocument"):
        yield Check("iam:UpdateAssumeRolePolicy", arn, boundary)
    if change.differs("Policies") and props.get("Policies"):
        yield Check("iam:PutRolePolicy", arn, boundary)
    if change.differs("ManagedPolicyArns"):
        for policy in props.get("ManagedPolicyArns") or []:
            yield Check("iam:AttachRolePolicy", arn, {**boundary, "iam:PolicyARN": policy})


def _checks_of_inline_policy(change: Change) -> Iterator[Check]:
    action = "iam:DeleteRolePolicy" if change.operation == "delete" else "iam:PutRolePolicy"
    for name in (change.after or change.before or {}).get("Roles") or []:
        role = iam._roles.get(name) or {}
        yield Check(action, role.get("Arn") or role_arn("/", name), boundary_context(role.get(BOUNDARY)))


def _checks_of_managed_policy(change: Change) -> Iterator[Check]:
    props = change.after or change.before or {}
    name = props.get("ManagedPolicyName") or f"{change.stack_name}-{change.logical_id}"
    arn = change.physical_id or f"arn:aws:iam::{get_account_id()}:policy{props.get('Path', '/')}{name}"
    yield Check({"create": "iam:CreatePolicy", "update": "iam:CreatePolicyVersion", "delete": "iam:DeletePolicy"}[change.operation], arn)


def _checks_of_parameter(change: Change) -> Iterator[Check]:
    name = change.physical_id or (change.after or {}).get("Name") or f"/{change.stack_name}/{change.logical_id}"
    arn = f"arn:aws:ssm:{get_region()}:{get_account_id()}:parameter/{name.removeprefix('/')}"
    yield Check("ssm:DeleteParameter" if change.operation == "delete" else "ssm:PutParameter", arn)


def _checks_of_connector(change: Change) -> Iterator[Check]:
    yield Check(f"lambda:{change.operation.capitalize()}NetworkConnector", f"arn:aws:lambda:{get_region()}:{get_account_id()}:network-connector:*")


_CHECKS: dict[str, Callable[[Change], Iterator[Check]]] = {
    "AWS::IAM::Role": _checks_of_role,
    "AWS::IAM::Policy": _checks_of_inline_policy,
    "AWS::IAM::ManagedPolicy": _checks_of_managed_policy,
    "AWS::SSM::Parameter": _checks_of_parameter,
    NATIVE_CONNECTOR: _checks_of_connector,
}


def _unsupported(logical_id, props, stack_name):
    raise ValueError(f"the local AWS does not support {NATIVE_CONNECTOR}, only its API")
