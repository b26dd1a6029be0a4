package example;

import io.github.cdklambdamicrovms.DeploymentEncryption;
import io.github.cdklambdamicrovms.MicrovmArchitecture;
import io.github.cdklambdamicrovms.MicrovmBaseImage;
import io.github.cdklambdamicrovms.MicrovmBuildRole;
import io.github.cdklambdamicrovms.MicrovmCode;
import io.github.cdklambdamicrovms.MicrovmCodeDirectoryOptions;
import io.github.cdklambdamicrovms.MicrovmEgress;
import io.github.cdklambdamicrovms.MicrovmHookOptions;
import io.github.cdklambdamicrovms.MicrovmHooks;
import io.github.cdklambdamicrovms.MicrovmImage;
import io.github.cdklambdamicrovms.MicrovmImageGrants;
import io.github.cdklambdamicrovms.MicrovmLogging;
import io.github.cdklambdamicrovms.MicrovmMemory;
import io.github.cdklambdamicrovms.MicrovmOsCapabilities;
import io.github.cdklambdamicrovms.MicrovmNewLogGroupOptions;
import io.github.cdklambdamicrovms.MicrovmReadyHooks;
import io.github.cdklambdamicrovms.MicrovmTermination;
import io.github.cdklambdamicrovms.NetworkConnectorOperatorRole;
import io.github.cdklambdamicrovms.SessionTagging;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Tags;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.CfnNetworkConnector;
import software.amazon.awscdk.services.logs.RetentionDays;

/** An image with every property set: a network connector for its builds, and a build role of another stack. */
public final class MicrovmImageFullApp {

  private static final String IMAGE_NAME = "integ-microvm-image-full";

  public static void main(String[] args) {
    var app = new App();

    var foundation = new Stack(app, "IntegMicrovmImageFullFoundation");
    var buildRole = MicrovmBuildRole.Builder.create(foundation, "BuildRole")
        .microvmImageName(IMAGE_NAME)
        .sessionTagging(SessionTagging.anyTags())
        .sourceArnCondition(true)
        .denyFromFunctions(true)
        .build();

    var stack = new Stack(app, "IntegMicrovmImageFull");
    Tags.of(stack).add("cost-center", "integration-tests");
    DeploymentEncryption.apply(stack);

    var encryptionKey = Key.Builder.create(stack, "Key").enableKeyRotation(true).removalPolicy(RemovalPolicy.DESTROY).build();
    var image = MicrovmImage.Builder.create(stack, "Sandbox")
        .code(MicrovmCode.fromDirectory("examples/quickstart/typescript/sandbox", MicrovmCodeDirectoryOptions.builder().exclude(List.of("*.md")).build()))
        .microvmImageName(IMAGE_NAME)
        .description("An image with every property set")
        .baseImage(MicrovmBaseImage.AL2023.withVersion("1"))
        .architectures(List.of(MicrovmArchitecture.ARM_64, MicrovmArchitecture.X86_64))
        .rebuildTrigger("first")
        .memory(MicrovmMemory.GIB_1)
        .hooks(MicrovmHooks.withReady(MicrovmReadyHooks.builder()
            .port(8080)
            .ready(MicrovmHookOptions.builder().timeout(Duration.minutes(2)).build())
            .run(MicrovmHookOptions.builder().timeout(Duration.seconds(5)).build())
            .build()))
        .environment(Map.of("GREETING", "hello from the integration test"))
        .osCapabilities(MicrovmOsCapabilities.ALL)
        .buildEgress(MicrovmEgress.connector(connectorThroughNat(stack)))
        .logging(MicrovmLogging.newLogGroup(MicrovmNewLogGroupOptions.builder()
            .retention(RetentionDays.ONE_WEEK)
            .removalPolicy(RemovalPolicy.DESTROY)
            .build()))
        .buildRole(buildRole)
        .encryptionKey(encryptionKey)
        .showBuildLogInErrors(true)
        .retainedVersions(2)
        .microvmTermination(MicrovmTermination.ON_DELETE_OR_RENAME)
        .adoptExisting(true)
        .deleteAdopted(true)
        .removalPolicy(RemovalPolicy.DESTROY)
        .deploymentTimeout(Duration.minutes(55))
        .tags(Map.of("purpose", "integration-test"))
        .build();
    image.addRequestOverride("hooks.microvmHooks.runTimeoutInSeconds", 10);
    CfnOutput.Builder.create(stack, "ImageVersion").value(image.getMicrovmImageVersion()).build();

    var user = Role.Builder.create(stack, "User").assumedBy(new AccountRootPrincipal()).build();
    var grants = MicrovmImageGrants.fromImage(image);
    grants.run(user);
    grants.connect(user);
    grants.shell(user);
    grants.manage(user);
    grants.read(user);

    app.synth();
  }

  /** Creates private subnets that reach the internet through a NAT gateway, and a connector into them. */
  private static CfnNetworkConnector connectorThroughNat(Stack scope) {
    var vpc = Vpc.Builder.create(scope, "Vpc").maxAzs(2).natGateways(1).restrictDefaultSecurityGroup(false).build();
    var securityGroup = SecurityGroup.Builder.create(scope, "Builds").vpc(vpc).description("Builds of MicroVM images").build();
    var operatorRole = NetworkConnectorOperatorRole.Builder.create(scope, "OperatorRole")
        .subnets(vpc.getPrivateSubnets())
        .securityGroups(List.of(securityGroup))
        .build();
    var connector = CfnNetworkConnector.Builder.create(scope, "Connector")
        .operatorRole(operatorRole.getRoleArn())
        .configuration(CfnNetworkConnector.ConfigProperty.builder()
            .vpcEgressConfiguration(CfnNetworkConnector.VpcEgressConfigurationProperty.builder()
                .subnetIds(vpc.getPrivateSubnets().stream().map(ISubnet::getSubnetId).toList())
                .securityGroupIds(List.of(securityGroup.getSecurityGroupId()))
                .networkProtocol("IPv4")
                .associatedComputeResourceTypes(List.of("MicroVm"))
                .build())
            .build())
        .build();
    connector.getNode().addDependency(operatorRole);
    return connector;
  }
}
