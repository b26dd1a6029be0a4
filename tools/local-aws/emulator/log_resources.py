"""Calls of CloudWatch Logs are authorized on log streams.

AWS authorizes every call with a log group on `<group>:log-stream:<stream>`, with an empty stream if the call
names none. The messages of its denials show this. Policies therefore end in `:*`, as the CDK writes them. The
emulator authorizes calls on the ARN of the group, which such a policy does not match.
"""

import json

from ministack.core import iam_actions

from emulator.patching import wrap

SEPARATOR = ":log-stream:"


def apply() -> None:
    wrap(
        iam_actions,
        "extract_resource_arn",
        ("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
        _on_log_streams,
    )
    wrap(iam_actions, "logs_service_context", ("action", "body", "resource_arn", "region", "account_id"), _with_tags_of_group)


def _on_log_streams(extract_resource_arn):
    def extract(service, method, path, headers, body, query_params, region, account_id):
        resource = extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
        if service != "logs" or ":log-group:" not in resource or "TagResource" in headers.get("x-amz-target", ""):
            return resource
        return f"{resource}{SEPARATOR}{json.loads(body or b'{}').get('logStreamName', '')}"

    return extract


def _with_tags_of_group(logs_service_context):
    """Tags belong to the log group."""

    def context(action, body, resource_arn, region, account_id):
        return logs_service_context(action, body, resource_arn.split(SEPARATOR)[0], region, account_id)

    return context
