package example;

import io.github.cdklambdamicrovms.NetworkConnector;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.Vpc;

/** A network connector with default properties. */
public final class NetworkConnectorApp {

  public static void main(String[] args) {
    var app = new App();
    var stack = new Stack(app, "IntegNetworkConnector");

    var vpc = Vpc.Builder.create(stack, "Vpc").maxAzs(2).natGateways(0).restrictDefaultSecurityGroup(false).build();
    var connector = NetworkConnector.Builder.create(stack, "Internal").vpc(vpc).build();
    connector.getConnections().allowTo(Peer.ipv4(vpc.getVpcCidrBlock()), Port.HTTPS, "endpoints of the VPC");
    CfnOutput.Builder.create(stack, "ConnectorArn").value(connector.getNetworkConnectorArn()).build();
    CfnOutput.Builder.create(stack, "ConnectorName").value(connector.getNetworkConnectorName()).build();

    app.synth();
  }
}
