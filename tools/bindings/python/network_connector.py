"""A network connector with default properties."""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from cdk_lambda_microvms import NetworkConnector

app = App()
stack = Stack(app, "IntegNetworkConnector")

vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0, restrict_default_security_group=False)
connector = NetworkConnector(stack, "Internal", vpc=vpc)
connector.connections.allow_to(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.HTTPS, "endpoints of the VPC")
CfnOutput(stack, "ConnectorArn", value=connector.network_connector_arn)
CfnOutput(stack, "ConnectorName", value=connector.network_connector_name)

app.synth()
