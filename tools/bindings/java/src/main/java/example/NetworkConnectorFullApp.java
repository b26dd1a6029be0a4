package example;

import io.github.cdklambdamicrovms.NetworkConnector;
import io.github.cdklambdamicrovms.NetworkConnectorCreationOptions;
import io.github.cdklambdamicrovms.NetworkConnectorDeletion;
import io.github.cdklambdamicrovms.NetworkConnectorElasticIps;
import io.github.cdklambdamicrovms.NetworkConnectorGrants;
import io.github.cdklambdamicrovms.NetworkConnectorOperatorRole;
import io.github.cdklambdamicrovms.NetworkProtocol;
import io.github.cdklambdamicrovms.NetworkConnectorPlacementRemoval;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Tags;
import software.amazon.awscdk.services.ec2.IpProtocol;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.lambda.CfnNetworkConnector;

/** A connector with every property set, one with elastic IPs, an L1 with the same operator role, imports and grants. */
public final class NetworkConnectorFullApp {

  private static final String NAME = "integ-network-connector-full";

  public static void main(String[] args) {
    var app = new App();
    var stack = new Stack(app, "IntegNetworkConnectorFull");
    Tags.of(stack).add("cost-center", "integration-tests");

    var vpc = Vpc.Builder.create(stack, "Vpc")
        .maxAzs(2)
        .natGateways(0)
        .ipProtocol(IpProtocol.DUAL_STACK)
        .restrictDefaultSecurityGroup(false)
        .build();
    var securityGroup = SecurityGroup.Builder.create(stack, "MicroVMs").vpc(vpc).description("MicroVMs").allowAllOutbound(false).build();
    var isolated = SubnetSelection.builder().subnetType(SubnetType.PRIVATE_ISOLATED).build();
    var subnets = vpc.selectSubnets(isolated);

    var operatorRole = NetworkConnectorOperatorRole.Builder.create(stack, "OperatorRole")
        .subnets(subnets.getSubnets())
        .securityGroups(List.of(securityGroup))
        .description("Creates the network interfaces of two connectors")
        .servicePrincipal("lambda.amazonaws.com")
        .requireConnectorTag(false)
        .elasticIps(NetworkConnectorElasticIps.NONE)
        .denyFromFunctions(true)
        .build();

    var connector = NetworkConnector.Builder.create(stack, "Internal")
        .vpc(vpc)
        .vpcSubnets(isolated)
        .securityGroups(List.of(securityGroup))
        .elasticIps(NetworkConnectorElasticIps.NONE)
        .networkProtocol(NetworkProtocol.DUAL_STACK)
        .networkConnectorName(NAME)
        .operatorRole(operatorRole)
        .deletion(NetworkConnectorDeletion.FORCE)
        .placementRemoval(NetworkConnectorPlacementRemoval.WAIT_UNTIL_UNUSED)
        .retainedVersions(2)
        .removalPolicy(RemovalPolicy.DESTROY)
        .deploymentTimeout(Duration.minutes(30))
        .tags(Map.of("purpose", "integration-test"))
        .build();
    connector.getConnections().allowTo(Peer.ipv4(vpc.getVpcCidrBlock()), Port.tcp(5432));
    CfnOutput.Builder.create(stack, "ConnectorArn").value(connector.getNetworkConnectorArn()).build();

    // Reaches the internet from fixed addresses, without a NAT gateway.
    var outbound = NetworkConnector.Builder.create(stack, "Outbound").vpc(vpc).elasticIps(NetworkConnectorElasticIps.SERVICE_MANAGED).build();
    outbound.getConnections().allowTo(Peer.anyIpv4(), Port.HTTPS);
    // Sets what the library could set itself: an override reaches the service as it is.
    outbound.addRequestOverride("Configuration.VpcEgressConfiguration.ElasticIpConfiguration.Type", "ServiceManaged");

    // The operator role also works for an L1, which depends on it.
    var l1 = CfnNetworkConnector.Builder.create(stack, "L1")
        .operatorRole(operatorRole.getRoleArn())
        .configuration(CfnNetworkConnector.ConfigProperty.builder()
            .vpcEgressConfiguration(CfnNetworkConnector.VpcEgressConfigurationProperty.builder()
                .subnetIds(subnets.getSubnetIds())
                .securityGroupIds(List.of(securityGroup.getSecurityGroupId()))
                .networkProtocol("IPv4")
                .associatedComputeResourceTypes(List.of("MicroVm"))
                .build())
            .build())
        .build();
    l1.getNode().addDependency(operatorRole);

    // Finds the connector by name, as another app does.
    var found = NetworkConnector.fromNetworkConnectorName(stack, "Found", NAME);
    found.getNode().addDependency(connector);
    CfnOutput.Builder.create(stack, "FoundArn").value(found.getNetworkConnectorArn()).build();

    var developer = Role.Builder.create(stack, "Developer").assumedBy(new AccountRootPrincipal()).build();
    connector.grantUse(developer);
    NetworkConnectorGrants.fromNetworkConnector(l1).use(developer);
    var member = Role.Builder.create(stack, "NetworkTeam").assumedBy(new AccountRootPrincipal()).build();
    connector.grantManage(member);
    NetworkConnectorGrants.create(stack, member, NetworkConnectorCreationOptions.builder()
        .subnets(subnets.getSubnets())
        .securityGroups(List.of(securityGroup))
        .operatorRoles(List.of(operatorRole))
        .requiredTags(Map.of("team", "network"))
        .build());

    app.synth();
  }
}
