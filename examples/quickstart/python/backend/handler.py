"""A backend in Python: a MicroVM for one request, which is terminated on every path.

Its function needs launcher.grant_launch, grant_connect and grant_manage, and launcher.add_to_function. Pack the newest
boto3 with it: that of the Lambda runtime does not know the service.
"""

import json
import os
import time
import urllib.error
import urllib.request

import boto3

PORT = 8080
SECONDS_BETWEEN_LOOKS = 0.5
# Kept back for terminating: at its timeout Lambda ends a function without a finally.
SECONDS_TO_TERMINATE = 5

client = boto3.client("lambda-microvms")


def handler(request, context):
    launch = json.loads(os.environ["MICROVM_LAUNCH_REQUEST"])
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_TERMINATE
    # The same token launches nothing twice, whoever retries.
    microvm_id = client.run_microvm(**launch, clientToken=context.aws_request_id)["microvmId"]
    try:
        endpoint = until_running(microvm_id, deadline)
        token = client.create_microvm_auth_token(
            microvmIdentifier=microvm_id, expirationInMinutes=1, allowedPorts=[{"port": PORT}]
        )["authToken"]
        # The slash ends the host name: the caller's path cannot add to it, and get the token sent elsewhere.
        url = f"https://{endpoint}/{request.get('path', '').lstrip('/')}"
        return call(url, {**token, "X-aws-proxy-port": str(PORT)}, max(1, deadline - time.monotonic()))
    finally:
        client.terminate_microvm(microvmIdentifier=microvm_id)


def until_running(microvm_id, deadline):
    """The host name of its endpoint, once it runs."""
    while True:
        microvm = client.get_microvm(microvmIdentifier=microvm_id)
        if microvm["state"] == "RUNNING":
            return microvm["endpoint"]
        # The reason is there once it has TERMINATED.
        if microvm["state"] not in ("PENDING", "TERMINATING"):
            raise RuntimeError(f"MicroVM {microvm_id} is {microvm['state']}: {microvm.get('stateReason')}")
        if time.monotonic() >= deadline:
            raise TimeoutError(f"MicroVM {microvm_id} is still {microvm['state']}")
        time.sleep(SECONDS_BETWEEN_LOOKS)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Where the MicroVM points to gets neither the token nor a request from inside the function."""

    def redirect_request(self, *_):
        return None


def call(url, headers, timeout):
    try:
        opener = urllib.request.build_opener(NoRedirect)
        with opener.open(urllib.request.Request(url, headers=headers), timeout=timeout) as response:
            return {"statusCode": response.status, "body": response.read().decode()}
    except urllib.error.HTTPError as answer:
        return {"statusCode": answer.code, "body": answer.read().decode()}
