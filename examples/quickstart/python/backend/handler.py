"""A backend in Python. It launches a MicroVM for one request and terminates it on every path.

The function needs launcher.grant_launch, grant_connect and grant_manage, and launcher.add_to_function. It also needs a
recent boto3: the one in the Lambda runtime does not include the client of this service.
"""

import json
import os
import time
import urllib.error
import urllib.request

import boto3

PORT = 8080
SECONDS_BETWEEN_POLLS = 0.5
# Kept back for the call that terminates: at its timeout, Lambda stops a function without running finally.
SECONDS_TO_TERMINATE = 5

client = boto3.client("lambda-microvms")


def handler(request, context):
    launch = json.loads(os.environ["MICROVM_LAUNCH_REQUEST"])
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_TERMINATE
    # A retry with the same client token launches no second MicroVM.
    microvm_id = client.run_microvm(**launch, clientToken=context.aws_request_id)["microvmId"]
    try:
        endpoint = wait_until_running(microvm_id, deadline)
        token = client.create_microvm_auth_token(
            microvmIdentifier=microvm_id, expirationInMinutes=1, allowedPorts=[{"port": PORT}]
        )["authToken"]
        # The slash ends the host name. Without it, the path of a caller could direct the token to another host.
        url = f"https://{endpoint}/{request.get('path', '').lstrip('/')}"
        return call(url, {**token, "X-aws-proxy-port": str(PORT)}, max(1, deadline - time.monotonic()))
    finally:
        client.terminate_microvm(microvmIdentifier=microvm_id)


def wait_until_running(microvm_id, deadline):
    """Returns the host name of the endpoint once the MicroVM runs."""
    while True:
        microvm = client.get_microvm(microvmIdentifier=microvm_id)
        if microvm["state"] == "RUNNING":
            return microvm["endpoint"]
        # The service gives the reason only once the MicroVM is TERMINATED.
        if microvm["state"] not in ("PENDING", "TERMINATING"):
            raise RuntimeError(f"MicroVM {microvm_id} is {microvm['state']}: {microvm.get('stateReason')}")
        if time.monotonic() >= deadline:
            raise TimeoutError(f"MicroVM {microvm_id} is still {microvm['state']}")
        time.sleep(SECONDS_BETWEEN_POLLS)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect of the MicroVM could direct the token, or a request from inside the function, elsewhere."""

    def redirect_request(self, *_):
        return None


def call(url, headers, timeout):
    try:
        opener = urllib.request.build_opener(NoRedirect)
        with opener.open(urllib.request.Request(url, headers=headers), timeout=timeout) as response:
            return {"statusCode": response.status, "body": response.read().decode()}
    except urllib.error.HTTPError as answer:
        return {"statusCode": answer.code, "body": answer.read().decode()}
