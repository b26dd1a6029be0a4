"""Messages of denials, as AWS writes them.

AWS names the resource, and the type of the policy that denied a call: an identity-based policy, a permissions boundary,
a service control policy or the policy of the resource. The emulator always blames an identity-based policy, and mostly
leaves out the resource. A test could not prove that it was the guardrail which denied a call.
"""

from contextvars import ContextVar

from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import EvalContext, EvalResult

from emulator.denials import denial_of, message
from emulator.patching import wrap

# What the evaluator decided first in the current check: context, policies and limits.
_decided: ContextVar[tuple[EvalContext, list, tuple] | None] = ContextVar("decided", default=None)
# Of the latest denial in the current request.
_message: ContextVar[str | None] = ContextVar("denial_message", default=None)

ACCESS_DENIED = ("service", "action", "principal_arn", "request_id")


def apply() -> None:
    wrap(iam_evaluator, "evaluate", ("ctx", "policies", "limits"), _remembering_the_decision)
    wrap(iam_evaluator, "enforce", ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"), _explaining)
    wrap(iam_actions, "identity_denial_message", ("action", "principal_arn", "resource", "explicit_deny"), _explained)
    wrap(iam_actions, "access_denied_response", ACCESS_DENIED, _answering)


def _remembering_the_decision(evaluate):
    def evaluate_and_remember(ctx, policies, *limits):
        if _decided.get() is None:
            _decided.set((ctx, policies, limits))
        return evaluate(ctx, policies, *limits)

    return evaluate_and_remember


def _explaining(enforce):
    def enforce_and_explain(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        _decided.set(None)
        denied = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
        if isinstance(denied, EvalResult):
            _message.set(_reason_of(denied))
        return denied

    return enforce_and_explain


def _reason_of(denied: EvalResult) -> str | None:
    decided = _decided.get()
    if decided is None:
        return None
    ctx, policies, limits = decided
    if denied.resource_policy_arn:
        return message(ctx, "with an explicit deny in a resource-based policy")
    # If the policies of the caller allow the action, the policy of the resource does not.
    by_resource = f"because no resource-based policy allows the {ctx.action} action"
    return denial_of(ctx, policies, [*limits]) or message(ctx, by_resource)


def _explained(identity_denial_message):
    def explain(action, principal_arn, resource, explicit_deny):
        return _message.get() or identity_denial_message(action, principal_arn, resource, explicit_deny)

    return explain


def _answering(access_denied_response):
    def answer(service, action, principal_arn, request_id, *, error_code="", message="", **rest):
        # A code means that the credentials are not valid.
        known = "" if error_code or message else _message.get() or ""
        return access_denied_response(service, action, principal_arn, request_id, error_code=error_code, message=message or known, **rest)

    return answer
