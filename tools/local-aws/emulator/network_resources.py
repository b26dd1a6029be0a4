"""VPCs, subnets and security groups, as far as network connectors need them.

- Attributes of VPCs and subnets that CloudFormation has and the emulator lacks.
- `AWS::EC2::SecurityGroupEgress` and `AWS::EC2::SecurityGroupIngress`, which the emulator does not support. The CDK
  writes them for rules between groups and for groups of other stacks.
- Each version of a connector has network interfaces in its subnets, with its security groups. EC2 does not delete a
  subnet or group as long as such an interface exists. The emulator has no such interfaces and would delete it. AWS
  repeats the attempt for a while. Here the deletion fails immediately.
"""

import secrets

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from emulator.patching import existing
from emulator.simulator import Simulator

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
RULES = {"AWS::EC2::SecurityGroupEgress": "IpPermissionsEgress", "AWS::EC2::SecurityGroupIngress": "IpPermissions"}


def apply(simulator: Simulator) -> None:
    existing(provisioners, "_ec2_vpc_create", ("logical_id", "props", "stack_name"))
    existing(provisioners, "_ec2_subnet_delete", ("physical_id", "props"))
    existing(provisioners, "_ec2_sg_permissions", ("rules",))
    existing(ec2, "_strip_descriptions", ("rule",))
    handlers = provisioners._RESOURCE_HANDLERS
    for operation in ("create", "update"):
        _wrap(handlers[VPC], operation, lambda vpc: {"CidrBlock": ec2._vpcs[vpc]["CidrBlock"]})
        _wrap(handlers[SUBNET], operation, _more_of_subnet)
    handlers[SUBNET]["delete"] = _unless_held(
        handlers[SUBNET]["delete"], simulator, "subnetIds", "The subnet '{}' has dependencies and cannot be deleted."
    )
    handlers[SECURITY_GROUP]["delete"] = _unless_held(
        handlers[SECURITY_GROUP]["delete"], simulator, "securityGroupIds", "resource {} has a dependent object"
    )
    for resource_type, direction in RULES.items():
        handlers[resource_type] = _rule_handlers(direction)


def _more_of_subnet(subnet_id: str) -> dict:
    subnet = ec2._subnets[subnet_id]
    return {name: subnet[name] for name in ("AvailabilityZoneId", "CidrBlock", "VpcId")}


def _wrap(handlers: dict, operation: str, more_attributes) -> None:
    provision = handlers[operation]

    def with_more_attributes(*args, **kwargs):
        physical_id, attributes, *rest = provision(*args, **kwargs)
        return (physical_id, {**attributes, **more_attributes(physical_id)}, *rest)

    handlers[operation] = with_more_attributes


def _unless_held(delete, simulator: Simulator, member: str, message: str):
    def delete_unless_held(physical_id, props):
        if simulator.is_held(member, physical_id):
            raise ValueError(f"DependencyViolation: {message.format(physical_id)}")
        return delete(physical_id, props)

    return delete_unless_held


def _rule_handlers(direction: str) -> dict:
    """A rule resource is part of its group. Any change except to the description replaces it."""

    def create(logical_id, props, stack_name):
        _rules_of(props, direction).extend(provisioners._ec2_sg_permissions([props]))
        return f"sgr-{secrets.token_hex(8)}", {}

    def update(physical_id, old_props, new_props, stack_name):
        if _without_descriptions(old_props) == _without_descriptions(new_props):
            return physical_id, {}
        # The cleanup of the update deletes the old rule.
        return create(physical_id, new_props, stack_name)

    def delete(physical_id, props):
        rules, gone = _rules_of(props, direction), _without_descriptions(props)
        rules[:] = [rule for rule in rules if [ec2._strip_descriptions(rule)] != gone]

    return {"create": create, "update": update, "delete": delete}


def _without_descriptions(props: dict) -> list[dict]:
    return [ec2._strip_descriptions(rule) for rule in provisioners._ec2_sg_permissions([props])]


def _rules_of(props: dict, direction: str) -> list:
    """The rules of the group. For a deleted or unknown group, returns a list that is discarded."""
    return (ec2._security_groups.get(props.get("GroupId")) or {}).setdefault(direction, [])
