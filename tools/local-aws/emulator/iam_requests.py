"""Requests of IAM: entities with their paths, the policy that is attached, and the role of an instance profile.

AWS authorizes on the ARN of the user, group, policy or provider. The emulator leaves out paths, and checks "*" for
identity providers and new policies. It does not present `iam:PolicyARN`. A role that is put into an instance profile is
passed to EC2.
"""

from typing import Iterator

from ministack.services import iam

from emulator.checks import Check, Request, passed_role

PROVIDERS = ("SAMLProviderArn", "OpenIDConnectProviderArn")
ATTACHMENTS = ("AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy")


def checks(request: Request) -> Iterator[Check]:
    if "InstanceProfile" in request.operation and request.text("InstanceProfileName"):
        yield from _instance_profile(request)
        return
    attached = {"iam:PolicyARN": request.text("PolicyArn")} if request.operation in ATTACHMENTS else {}
    yield Check(request.action, _resource(request), attached)


def _instance_profile(request: Request) -> Iterator[Check]:
    yield Check(request.action, f"arn:aws:iam::{request.account}:instance-profile/{request.text('InstanceProfileName')}")
    if request.operation == "AddRoleToInstanceProfile":
        name = request.text("RoleName")
        role = iam._roles.get(name) or {}
        yield passed_role(role.get("Arn") or f"arn:aws:iam::{request.account}:role/{name}", "ec2.amazonaws.com")


def _resource(request: Request) -> str:
    if request.operation == "CreatePolicy":
        return f"arn:aws:iam::{request.account}:policy{request.text('Path') or '/'}{request.text('PolicyName')}"
    if request.operation in ("AddUserToGroup", "RemoveUserFromGroup"):
        return _known(iam._groups, request.text("GroupName")) or f"arn:aws:iam::{request.account}:group/{request.text('GroupName')}"
    for provider in PROVIDERS:
        if request.text(provider):
            return request.text(provider)
    if request.text("RoleName"):
        return request.resource
    return _known(iam._users, request.text("UserName")) or _known(iam._groups, request.text("GroupName")) or request.resource


def _known(entities: dict, name: str) -> str | None:
    return (entities.get(name) or {}).get("Arn") if name else None
