"""Whether a role may do something, and why not, in the wording of AWS.

The evaluator of the emulator says which statement denied a call, but not which policy contains it. AWS says
whether it was an identity-based policy or the permissions boundary. A developer with a boundary needs to know
that.
"""

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.services import iam

from emulator.patching import existing


def apply() -> None:
    existing(iam_evaluator, "evaluate", ("ctx", "policies"))
    existing(iam_evaluator, "_gather_role_policies", ("role_name", "account_id"))
    existing(iam_evaluator, "_permissions_boundary", ("store", "name", "account_id"))


def denial(role_arn: str, session_name: str, action: str, resource: str, region: str, context: dict) -> str | None:
    """Why a session of a role may not do something, as a message; None if it may."""
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
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    return denial_of(request, policies, limits)


def denial_of(request: EvalContext, policies: list, limits: list) -> str | None:
    """The same for given policies and limits. The only limit of a role is its permissions boundary, if it has one."""
    if iam_evaluator.evaluate(request, policies, *limits).decision == "Allow":
        return None
    own = iam_evaluator.evaluate(request, policies).decision
    by_limits = [iam_evaluator.evaluate(request, limit).decision for limit in limits]
    if own == "Deny":
        why = "with an explicit deny in an identity-based policy"
    elif "Deny" in by_limits:
        why = "with an explicit deny in a permissions boundary"
    elif own != "Allow":
        why = f"because no identity-based policy allows the {request.action} action"
    else:
        why = f"because no permissions boundary allows the {request.action} action"
    return f"User: {request.principal_arn} is not authorized to perform: {request.action} on resource: {request.resource_arn} {why}"
