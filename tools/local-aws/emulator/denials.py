"""Whether a role may do something, and why not, in the wording of AWS.

The evaluator of the emulator says which statement denied a call, but not which policy contains it. AWS says
whether it was an identity-based policy, the permissions boundary or the service control policy. A developer with a
boundary needs to know that.
"""

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, EvalResult
from ministack.services import iam

from emulator import service_control_policy
from emulator.patching import existing
from emulator.service_control_policy import ServiceControlPolicy


def apply() -> None:
    existing(iam_evaluator, "evaluate", ("ctx", "policies"))
    existing(iam_evaluator, "_gather_role_policies", ("role_name", "account_id"))
    existing(iam_evaluator, "_permissions_boundary", ("store", "name", "account_id"))
    existing(iam_evaluator, "_resource_policy", ("service", "resource_arn"))
    existing(iam_evaluator, "combine_resource_policy", ("identity", "ctx", "policy", "owner_account", "required", "limits"))


def denial(
    role_arn: str, session_name: str, action: str, resource: str, region: str, context: dict, service: str | None = None
) -> str | None:
    """Why a session of a role may not do something, as a message; None if it may.

    With a service, the policy of the resource counts too.
    """
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    request = EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        # A request without tags has no aws:TagKeys.
        service_context={"aws:tagkeys": None, **{key.lower(): value for key, value in context.items()}},
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account) + service_control_policy.limits(role_arn)
    return denial_of(request, policies, limits) or _denial_by_resource(request, service, limits)


def _denial_by_resource(request: EvalContext, service: str | None, limits: list) -> str | None:
    """The same for the policy of the resource, if the policies of the caller allow the action."""
    found = iam_evaluator._resource_policy(service, request.resource_arn) if service else None
    if found is None:
        return None
    allowed = EvalResult("Allow", request.principal_arn)
    required = service in iam_evaluator._POLICY_REQUIRED
    result = iam_evaluator.combine_resource_policy(allowed, request, *found, required=required, limits=limits)
    match result.decision:
        case "Allow":
            return None
        case "Deny":
            return message(request, "with an explicit deny in a resource-based policy")
        case _:
            return message(request, f"because no resource-based policy allows the {request.action} action")


def denial_of(request: EvalContext, policies: list, limits: list) -> str | None:
    """The same for given policies and limits: permissions boundary, session policies, service control policy."""
    if iam_evaluator.evaluate(request, policies, *limits).decision == "Allow":
        return None
    own = iam_evaluator.evaluate(request, policies).decision
    by_limits = [(_kind(limit), iam_evaluator.evaluate(request, limit).decision) for limit in limits]
    denying = [kind for kind, decision in [("an identity-based policy", own), *by_limits] if decision == "Deny"]
    if denying:
        # A service control policy is evaluated before all others.
        return message(request, f"with an explicit deny in {denying[-1]}")
    if own != "Allow":
        return message(request, f"because no identity-based policy allows the {request.action} action")
    lacking = next(kind for kind, decision in by_limits if decision != "Allow")
    return message(request, f"because no {lacking.split(' ', 1)[1]} allows the {request.action} action")


def message(request: EvalContext, why: str) -> str:
    return f"User: {request.principal_arn} is not authorized to perform: {request.action} on resource: {request.resource_arn} {why}"


def _kind(limit: list) -> str:
    return "a service control policy" if isinstance(limit, ServiceControlPolicy) else "a permissions boundary"
