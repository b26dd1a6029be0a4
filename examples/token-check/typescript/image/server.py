"""Answers GET /token with a web-identity token for the relying party."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3


def web_identity_token():
    # A client for each request, so that the snapshot contains no credentials. Only the STS endpoint of a Region creates
    # these tokens.
    sts = boto3.client("sts", region_name=os.environ["AWS_REGION"])
    return sts.get_web_identity_token(
        Audience=[os.environ["AUDIENCE"]], DurationSeconds=300, SigningAlgorithm="ES384"
    )["WebIdentityToken"]


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/token":
            self.send_error(404)
            return
        body = web_identity_token().encode()
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("0.0.0.0", 8080), Server).serve_forever()
