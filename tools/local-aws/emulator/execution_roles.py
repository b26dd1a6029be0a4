"""The permissions with which CloudFormation changes the resources of a stack.

AWS uses the role that the stack received, whoever operates on the stack afterwards. Without such a role it uses the
permissions of the caller. The emulator changes resources as root and ignores both. The CDK bootstrap gives its
execution role all permissions, and a permissions boundary on request. With the boundary, a deployment cannot create a
role without the boundary, a role under the path of the network team, an entry of the catalog, or a connector.

The resources of a nested stack are changed with the permissions of its parent. `change_checks.py` lists what is
authorized. A denied resource fails when its turn comes, as on AWS.

The role of a change set applies to the stack when the change set is created. AWS applies it when the change set is
executed.
"""

from ministack.core.iam_evaluator import caller_arn
from ministack.core.responses import get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, provisioners, stacks

from emulator.change_checks import NATIVE_CONNECTOR, Change, checks_of
from emulator.denials import denial
from emulator.patching import existing, wrap
from emulator.principal_arns import ROLE_SESSION, role_arn_of
from emulator.request_checks import tag_context

SESSION = "AWSCloudFormation"
ROLE_OF_STACK = "_execution_role"
CALLER_OF_STACK = "_caller"
OPERATIONS = (
    "CreateStack",
    "UpdateStack",
    "DeleteStack",
    "CreateChangeSet",
    "ExecuteChangeSet",
    "RollbackStack",
    "ContinueUpdateRollback",
)


def apply() -> None:
    existing(handlers, "_resolve_stack", ("stack_name",))
    existing(provisioners, "_physical_name", ("stack_name", "logical_id", "lowercase", "max_len", "seeded"))
    existing(changesets, "_find_change_set", ("cs_name", "stack_name"))
    for action in OPERATIONS:
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
        stack = _stack_of(params)
        if stack is not None:
            stack[CALLER_OF_STACK] = caller_arn()
            if handlers._p(params, "RoleARN"):
                stack[ROLE_OF_STACK] = handlers._p(params, "RoleARN")
        return answer

    return handle_and_remember


def _stack_of(params) -> dict | None:
    _, change_set = changesets._find_change_set(handlers._p(params, "ChangeSetName"), handlers._p(params, "StackName"))
    return handlers._resolve_stack(handlers._p(params, "StackName") or (change_set or {}).get("StackName", ""))


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
    actor = _actor(change.stack_name)
    if actor is None:
        return
    role, session = actor
    for check in checks_of(resource_type, change):
        context = {**tag_context(check.resource), **check.context}
        denied = denial(role, session, check.action, check.resource, get_region(), context, check.service)
        if denied is not None:
            raise ValueError(denied)


def _actor(stack_name: str) -> tuple[str, str] | None:
    """Role and session that change the resources of a stack; None for the root user."""
    stack = cloudformation._stacks.get(stack_name) or {}
    if stack.get("_parent_stack_name"):
        return _actor(stack["_parent_stack_name"])
    if stack.get(ROLE_OF_STACK):
        return stack[ROLE_OF_STACK], SESSION
    caller = stack.get(CALLER_OF_STACK, "")
    return (role_arn_of(caller), caller.rsplit("/", 1)[-1]) if ROLE_SESSION in caller else None


def _unsupported(logical_id, props, stack_name):
    raise ValueError(f"the local AWS does not support {NATIVE_CONNECTOR}, only its API")
