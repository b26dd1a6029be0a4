"""GetParametersByPath is authorized on the path.

AWS authorizes it on `parameter/<path>`, with the path as sent, independent of the parameters below it. The
emulator authorizes it on `*`, so only a policy for all parameters would allow the call.
"""

import json

from ministack.core import iam_actions

from emulator.patching import wrap

BY_PATH = "AmazonSSM.GetParametersByPath"


def apply() -> None:
    wrap(
        iam_actions,
        "extract_resource_arn",
        ("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
        _on_the_path,
    )


def _on_the_path(extract_resource_arn):
    def extract(service, method, path, headers, body, query_params, region, account_id):
        if service != "ssm" or headers.get("x-amz-target") != BY_PATH:
            return extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
        asked = str(json.loads(body or b"{}").get("Path", "/"))
        return f"arn:aws:ssm:{region}:{account_id}:parameter/{asked.removeprefix('/')}"

    return extract
