"""Requests of EventBridge: what a new rule listens to, and the roles of its targets.

AWS presents the sources of the pattern as `events:source`, and its detail types as `events:detail-type`. It asks for
iam:PassRole on the role of a target. The emulator does neither. A rule on the events of Step Functions delivers the
input of executions.
"""

import json
from typing import Iterator

from emulator.checks import Check, Request, passed_role

KEYS = {"events:source": "source", "events:detail-type": "detail-type"}


def checks(request: Request) -> Iterator[Check]:
    yield Check(request.action, request.resource, _pattern_context(request))
    for target in request.parameters.get("Targets") or []:
        if isinstance(target, dict) and target.get("RoleArn"):
            yield passed_role(target["RoleArn"], "events.amazonaws.com")


def _pattern_context(request: Request) -> dict[str, list[str]]:
    try:
        pattern = json.loads(request.text("EventPattern") or "{}")
    except ValueError:
        return {}
    # A pattern may also contain filters such as {"prefix": ...}, which AWS does not present.
    texts = {key: [value for value in pattern.get(name) or [] if isinstance(value, str)] for key, name in KEYS.items()}
    return {key: values for key, values in texts.items() if values}
