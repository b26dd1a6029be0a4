package example;

import io.github.cdklambdamicrovms.AllowedNetworkConnectors;
import io.github.cdklambdamicrovms.ManagedNetworkConnector;
import io.github.cdklambdamicrovms.MicrovmCode;
import io.github.cdklambdamicrovms.MicrovmEgress;
import io.github.cdklambdamicrovms.MicrovmImage;
import io.github.cdklambdamicrovms.NetworkConnector;
import io.github.cdklambdamicrovms.NetworkConnectorCatalog;
import io.github.cdklambdamicrovms.NetworkConnectorGuardrail;
import io.github.cdklambdamicrovms.NetworkConnectorPublicationOptions;
import io.github.cdklambdamicrovms.NetworkTeamSynthesizer;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;

/** A network team's stack with connector, catalog and guardrail, and a developer's stack that uses the connector. */
public final class CatalogApp {

  private static final String TEAM_PATH = "/network-team/";

  public static void main(String[] args) {
    var app = new App();

    var synthesizer = NetworkTeamSynthesizer.Builder.create().networkTeamPath(TEAM_PATH).qualifier("integteam").build();
    var network = Stack.Builder.create(app, "IntegCatalogNetwork").synthesizer(synthesizer).build();
    NetworkConnectorGuardrail.applyNetworkTeamPath(network, TEAM_PATH);
    var vpc = Vpc.Builder.create(network, "Vpc").maxAzs(2).natGateways(1).restrictDefaultSecurityGroup(false).build();
    var builds = NetworkConnector.Builder.create(network, "Builds").vpc(vpc).build();
    builds.getConnections().allowToAnyIpv4(Port.tcp(443));
    builds.getConnections().allowToAnyIpv4(Port.tcp(80), "package managers");

    var catalog = NetworkConnectorCatalog.Builder.create(network, "Catalog").catalogName("integ").build();
    catalog.add("builds", builds, NetworkConnectorPublicationOptions.builder().description("Builds of images, through a NAT gateway").build());

    var guardrail = NetworkConnectorGuardrail.Builder.create(network, "Guardrail")
        .allowed(AllowedNetworkConnectors.only(builds))
        .networkTeamPath(TEAM_PATH)
        .boundaryName("integ-catalog-developer-boundary")
        .managedConnectors(List.of(ManagedNetworkConnector.HTTP_INGRESS, ManagedNetworkConnector.NO_INGRESS))
        .build();
    var developer = Role.Builder.create(network, "Developer")
        .assumedBy(new AccountRootPrincipal())
        .permissionsBoundary(guardrail.getBoundary())
        .build();
    catalog.grantUse(developer);

    var developers = new Stack(app, "IntegCatalogDevelopers");
    developers.addStackDependency(network);
    var published = NetworkConnectorCatalog.fromCatalogName(developers, "Connectors", "integ");
    var image = MicrovmImage.Builder.create(developers, "Sandbox")
        .code(MicrovmCode.fromDirectory("examples/quickstart/typescript/sandbox"))
        .buildEgress(MicrovmEgress.connector(published.connector("builds")))
        .build();
    CfnOutput.Builder.create(developers, "ImageVersion").value(image.getMicrovmImageVersion()).build();

    app.synth();
  }
}
