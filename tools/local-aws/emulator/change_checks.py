"""What CloudFormation is authorized for when it changes a resource.

Names of new resources are those that the emulator generates. Types that are not listed are not authorized. The
statements of a guardrail concern the listed ones.
"""

from dataclasses import dataclass
from typing import Callable, Iterator

from ministack.core.responses import get_account_id, get_region
from ministack.services import iam
from ministack.services.cloudformation import provisioners

from emulator.checks import Check, passed_role
from emulator.permissions_boundaries import BOUNDARY, boundary_context, role_arn
from emulator.state_machine_requests import encryption

NATIVE_CONNECTOR = "AWS::Lambda::NetworkConnector"
CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
MAX_FUNCTION_NAME = 64
MAX_STATE_MACHINE_NAME = 80


@dataclass(frozen=True)
class Change:
    """A change of a resource. The properties are None before it is created and after it is deleted."""

    logical_id: str
    stack_name: str
    physical_id: str | None
    before: dict | None
    after: dict | None

    @property
    def operation(self) -> str:
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    def differs(self, name: str) -> bool:
        return (self.before or {}).get(name) != (self.after or {}).get(name)

    @property
    def properties(self) -> dict:
        return self.after or self.before or {}


def checks_of(resource_type: str, change: Change) -> Iterator[Check]:
    if resource_type.startswith(CUSTOM):
        return _checks_of_custom_resource(change)
    return _CHECKS.get(resource_type, lambda _: iter(()))(change)


def _checks_of_role(change: Change) -> Iterator[Check]:
    props = change.properties
    known = iam._roles.get(change.physical_id) or {}
    arn = known.get("Arn") or role_arn(props.get("Path", "/"), props.get("RoleName") or f"{change.stack_name}-{change.logical_id}")
    boundary = boundary_context(props.get(BOUNDARY))
    if change.operation == "delete":
        yield Check("iam:DeleteRole", arn)
        return
    if change.operation == "create" or change.differs("RoleName") or change.differs("Path"):
        yield Check("iam:CreateRole", arn, boundary)
    elif change.differs(BOUNDARY):
        action = "PutRolePermissionsBoundary" if boundary else "DeleteRolePermissionsBoundary"
        yield Check(f"iam:{action}", arn, boundary)
    if change.operation == "update" and change.differs("AssumeRolePolicyDocument"):
        yield Check("iam:UpdateAssumeRolePolicy", arn, boundary)
    if change.differs("Policies") and props.get("Policies"):
        yield Check("iam:PutRolePolicy", arn, boundary)
    if change.differs("ManagedPolicyArns"):
        for policy in props.get("ManagedPolicyArns") or []:
            yield Check("iam:AttachRolePolicy", arn, {**boundary, "iam:PolicyARN": policy})


def _checks_of_inline_policy(change: Change) -> Iterator[Check]:
    action = "iam:DeleteRolePolicy" if change.operation == "delete" else "iam:PutRolePolicy"
    for name in change.properties.get("Roles") or []:
        role = iam._roles.get(name) or {}
        yield Check(action, role.get("Arn") or role_arn("/", name), boundary_context(role.get(BOUNDARY)))


def _checks_of_managed_policy(change: Change) -> Iterator[Check]:
    props = change.properties
    name = props.get("ManagedPolicyName") or f"{change.stack_name}-{change.logical_id}"
    arn = change.physical_id or f"arn:aws:iam::{get_account_id()}:policy{props.get('Path', '/')}{name}"
    yield Check({"create": "iam:CreatePolicy", "update": "iam:CreatePolicyVersion", "delete": "iam:DeletePolicy"}[change.operation], arn)


def _checks_of_parameter(change: Change) -> Iterator[Check]:
    name = change.physical_id or (change.after or {}).get("Name") or f"/{change.stack_name}/{change.logical_id}"
    arn = f"arn:aws:ssm:{get_region()}:{get_account_id()}:parameter/{name.removeprefix('/')}"
    yield Check("ssm:DeleteParameter" if change.operation == "delete" else "ssm:PutParameter", arn)


def _checks_of_connector(change: Change) -> Iterator[Check]:
    yield Check(f"lambda:{change.operation.capitalize()}NetworkConnector", f"arn:aws:lambda:{get_region()}:{get_account_id()}:network-connector:*")


def _checks_of_custom_resource(change: Change) -> Iterator[Check]:
    """CloudFormation invokes the function with the permissions of the deployment."""
    function = change.properties.get("ServiceToken")
    if isinstance(function, str) and ":lambda:" in function:
        yield Check("lambda:InvokeFunction", function, service="lambda")


def _checks_of_function(change: Change) -> Iterator[Check]:
    props = change.properties
    name = change.physical_id or props.get("FunctionName") or _generated_name(change, MAX_FUNCTION_NAME)
    code = [f"lambda:{action}" for action in ("UpdateFunctionCode", "UpdateFunctionConfiguration")]
    for action in {"create": ["lambda:CreateFunction"], "update": code, "delete": ["lambda:DeleteFunction"]}[change.operation]:
        yield Check(action, _arn("lambda", f"function:{name}"))
    if change.differs("Role") and change.after:
        yield passed_role(props["Role"], "lambda.amazonaws.com")


def _checks_of_function_permission(change: Change) -> Iterator[Check]:
    function = str(change.properties.get("FunctionName", ""))
    action = "lambda:RemovePermission" if change.operation == "delete" else "lambda:AddPermission"
    yield Check(action, function if function.startswith("arn:") else _arn("lambda", f"function:{function}"))


def _checks_of_state_machine(change: Change) -> Iterator[Check]:
    props = change.properties
    name = props.get("StateMachineName") or _generated_name(change, MAX_STATE_MACHINE_NAME)
    yield Check(f"states:{change.operation.capitalize()}StateMachine", change.physical_id or _arn("states", f"stateMachine:{name}"))
    if change.differs("RoleArn") and change.after:
        yield passed_role(props["RoleArn"], "states.amazonaws.com")
    key = (props.get("EncryptionConfiguration") or {}).get("KmsKeyId")
    if key and change.after:
        yield from encryption(key, get_region(), get_account_id())


def _checks_of_bucket_policy(change: Change) -> Iterator[Check]:
    action = "s3:DeleteBucketPolicy" if change.operation == "delete" else "s3:PutBucketPolicy"
    yield Check(action, f"arn:aws:s3:::{change.properties.get('Bucket', '')}", service="s3")


def _checks_of_route(change: Change) -> Iterator[Check]:
    action = {"create": "CreateRoute", "update": "ReplaceRoute", "delete": "DeleteRoute"}[change.operation]
    yield Check(f"ec2:{action}", _arn("ec2", f"route-table/{change.properties.get('RouteTableId', '')}"))


def _checks_of_route_table_association(change: Change) -> Iterator[Check]:
    action = "ec2:DisassociateRouteTable" if change.operation == "delete" else "ec2:AssociateRouteTable"
    yield Check(action, _arn("ec2", f"route-table/{change.properties.get('RouteTableId', '')}"))
    yield Check(action, _arn("ec2", f"subnet/{change.properties.get('SubnetId', '')}"))


def _checks_of_gateway_attachment(change: Change) -> Iterator[Check]:
    action = "ec2:DetachInternetGateway" if change.operation == "delete" else "ec2:AttachInternetGateway"
    yield Check(action, _arn("ec2", f"vpc/{change.properties.get('VpcId', '')}"))
    if change.properties.get("InternetGatewayId"):
        yield Check(action, _arn("ec2", f"internet-gateway/{change.properties['InternetGatewayId']}"))


def _checks_of_endpoint(change: Change) -> Iterator[Check]:
    if change.operation != "create":
        action = "ec2:ModifyVpcEndpoint" if change.operation == "update" else "ec2:DeleteVpcEndpoints"
        yield Check(action, _arn("ec2", f"vpc-endpoint/{change.physical_id}"))
        return
    yield Check("ec2:CreateVpcEndpoint", _arn("ec2", f"vpc/{change.properties.get('VpcId', '')}"))
    for kind, name in (("route-table", "RouteTableIds"), ("subnet", "SubnetIds"), ("security-group", "SecurityGroupIds")):
        for identifier in change.properties.get(name) or []:
            yield Check("ec2:CreateVpcEndpoint", _arn("ec2", f"{kind}/{identifier}"))


def _checks_of_subnet(change: Change) -> Iterator[Check]:
    """A new subnet changes the VPC. The other resources of a VPC are authorized on themselves."""
    if change.operation == "create":
        yield Check("ec2:CreateSubnet", _arn("ec2", f"vpc/{change.properties.get('VpcId', '')}"))


def _generated_name(change: Change, limit: int) -> str:
    return provisioners._physical_name(change.stack_name, change.logical_id, max_len=limit)


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{resource}"


_CHECKS: dict[str, Callable[[Change], Iterator[Check]]] = {
    "AWS::EC2::Route": _checks_of_route,
    "AWS::EC2::Subnet": _checks_of_subnet,
    "AWS::EC2::SubnetRouteTableAssociation": _checks_of_route_table_association,
    "AWS::EC2::VPCEndpoint": _checks_of_endpoint,
    "AWS::EC2::VPCGatewayAttachment": _checks_of_gateway_attachment,
    "AWS::IAM::ManagedPolicy": _checks_of_managed_policy,
    "AWS::IAM::Policy": _checks_of_inline_policy,
    "AWS::IAM::Role": _checks_of_role,
    "AWS::Lambda::Function": _checks_of_function,
    "AWS::Lambda::Permission": _checks_of_function_permission,
    "AWS::S3::BucketPolicy": _checks_of_bucket_policy,
    "AWS::SSM::Parameter": _checks_of_parameter,
    "AWS::StepFunctions::StateMachine": _checks_of_state_machine,
    NATIVE_CONNECTOR: _checks_of_connector,
}
