"""Requests of Step Functions: tags by ARN, the role of a state machine, and the key of an encrypted one.

- TagResource and UntagResource are authorized on the state machine. The emulator checks "*".
- AWS asks for iam:PassRole on the role of a state machine. The emulator does not.
- Definition, input, output and history of a state machine with a customer managed key are encrypted with that key. Who
  reads them needs kms:Decrypt on it, except with `includedData: METADATA_ONLY`, which leaves them out. Who sets the key
  needs kms:DescribeKey and kms:GenerateDataKey. Events for EventBridge do not contain the data. The emulator does not
  know any of this (service-facts.md, 13). That the service presents `kms:ViaService` is an assumption.
"""

import json
from typing import Iterator

from ministack.services import stepfunctions

from emulator.checks import Check, Request, passed_role
from emulator.encryption_keys import arn_of
from emulator.patching import wrap

READS = ("DescribeExecution", "DescribeStateMachine", "DescribeStateMachineForExecution", "GetExecutionHistory")
ENCRYPTED = ("definition", "input", "output", "error", "cause")
METADATA_ONLY = "METADATA_ONLY"


def apply() -> None:
    wrap(stepfunctions, "handle_request", ("method", "path", "headers", "body", "query_params"), _without_data)
    wrap(stepfunctions, "_emit_execution_status_event", ("execution",), _without_data_in_events)


def checks(request: Request) -> Iterator[Check]:
    yield Check(request.action, request.text("resourceArn") or request.resource)
    if request.text("roleArn"):
        yield passed_role(request.text("roleArn"), "states.amazonaws.com")
    key = (request.parameters.get("encryptionConfiguration") or {}).get("kmsKeyId")
    if key:
        yield from encryption(key, request.region, request.account)
    if request.operation in READS and request.text("includedData") != METADATA_ONLY:
        yield from _decryption(request)


def encryption(key: str, region: str, account: str) -> Iterator[Check]:
    """What a caller needs who sets the key of a state machine."""
    for action in ("kms:DescribeKey", "kms:GenerateDataKey"):
        yield Check(action, arn_of(key, region, account), {"kms:ViaService": f"states.{region}.amazonaws.com"}, service="kms")


def _key_of(machine: str) -> str | None:
    return ((stepfunctions._state_machines.get(machine) or {}).get("encryptionConfiguration") or {}).get("kmsKeyId")


def _decryption(request: Request) -> Iterator[Check]:
    execution = stepfunctions._executions.get(request.text("executionArn")) or {}
    named = request.text("stateMachineArn") or execution.get("stateMachineArn") or ""
    arn = ":".join(named.split(":")[:7])
    key = _key_of(arn)
    if key:
        context = {"kms:ViaService": f"states.{request.region}.amazonaws.com", "kms:EncryptionContext:aws:states:stateMachineArn": arn}
        yield Check("kms:Decrypt", arn_of(key, request.region, request.account), context, service="kms")


def _without_data(handle_request):
    async def handle(method, path, headers, body, query_params):
        status, answer_headers, answer = await handle_request(method, path, headers, body, query_params)
        if METADATA_ONLY.encode() not in body or status != 200:
            return status, answer_headers, answer
        kept = {name: value for name, value in json.loads(answer).items() if name not in ENCRYPTED}
        return status, answer_headers, json.dumps(kept).encode()

    return handle


def _without_data_in_events(emit):
    def emit_event(execution):
        hidden = dict.fromkeys(ENCRYPTED) if _key_of(execution["stateMachineArn"]) else {}
        emit({**execution, **hidden})

    return emit_event
