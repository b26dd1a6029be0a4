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

client = boto3.client("lambda-microvms")


def handler(request, context):
    launch = json.loads(os.environ["MICROVM_LAUNCH_REQUEST"])
    # The same token launches nothing twice, whoever retries.
    microvm_id = client.run_microvm(**launch, clientToken=context.aws_request_id)["microvmId"]
    try:
        endpoint = until_running(microvm_id)
        token = client.create_microvm_auth_token(
            microvmIdentifier=microvm_id, expirationInMinutes=1, allowedPorts=[{"port": PORT}]
        )["authToken"]
        return call(f"https://{endpoint}{request.get('path', '/')}", {**token, "X-aws-proxy-port": str(PORT)})
    finally:
        client.terminate_microvm(microvmIdentifier=microvm_id)


def until_running(microvm_id):
    """The host name of its endpoint, once it runs."""
    while True:
        microvm = client.get_microvm(microvmIdentifier=microvm_id)
        if microvm["state"] == "RUNNING":
            return microvm["endpoint"]
        if microvm["state"] not in ("PENDING", "TERMINATING"):
            raise RuntimeError(f"MicroVM {microvm_id} is {microvm['state']}: {microvm.get('stateReason')}")
        time.sleep(SECONDS_BETWEEN_LOOKS)


def call(url, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as response:
            return {"statusCode": response.status, "body": response.read().decode()}
    except urllib.error.HTTPError as answer:
        return {"statusCode": answer.code, "body": answer.read().decode()}
