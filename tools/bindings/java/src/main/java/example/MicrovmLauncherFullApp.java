package example;

import io.github.cdklambdamicrovms.MicrovmCode;
import io.github.cdklambdamicrovms.MicrovmEgress;
import io.github.cdklambdamicrovms.MicrovmExecutionRole;
import io.github.cdklambdamicrovms.MicrovmHookOptions;
import io.github.cdklambdamicrovms.MicrovmHooks;
import io.github.cdklambdamicrovms.MicrovmIdlePolicy;
import io.github.cdklambdamicrovms.MicrovmImage;
import io.github.cdklambdamicrovms.MicrovmImageVersion;
import io.github.cdklambdamicrovms.MicrovmIngress;
import io.github.cdklambdamicrovms.MicrovmLauncher;
import io.github.cdklambdamicrovms.MicrovmLogging;
import io.github.cdklambdamicrovms.MicrovmMemory;
import io.github.cdklambdamicrovms.MicrovmOsCapabilities;
import io.github.cdklambdamicrovms.MicrovmReadyHooks;
import io.github.cdklambdamicrovms.MicrovmStateMachineFragment;
import io.github.cdklambdamicrovms.NetworkConnector;
import io.github.cdklambdamicrovms.SessionTagging;
import io.github.cdklambdamicrovms.WebIdentityLaunchRole;
import io.github.cdklambdamicrovms.WebIdentityOptions;
import io.github.cdklambdamicrovms.WebIdentitySigningAlgorithm;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.OidcProviderNative;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.nodejs.BundlingOptions;
import software.amazon.awscdk.services.lambda.nodejs.NodejsFunction;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.stepfunctions.DefinitionBody;
import software.amazon.awscdk.services.stepfunctions.Pass;
import software.amazon.awscdk.services.stepfunctions.StateMachine;

/**
 * A launcher with every property set: execution role, connector, key, shell and Docker inside, web identity in both
 * directions, a broker, and a state machine. It overrides a member of the request.
 */
public final class MicrovmLauncherFullApp {

  public static void main(String[] args) {
    var app = new App();
    var stack = new Stack(app, "IntegMicrovmLauncherFull");

    var image = MicrovmImage.Builder.create(stack, "DockerInside")
        .code(MicrovmCode.fromDirectory("examples/docker-inside/typescript/image"))
        .memory(MicrovmMemory.GIB_4)
        .hooks(MicrovmHooks.withReady(MicrovmReadyHooks.builder()
            .port(8080)
            .ready(MicrovmHookOptions.builder().timeout(Duration.minutes(5)).build())
            .run(MicrovmHookOptions.builder().build())
            .build()))
        .osCapabilities(MicrovmOsCapabilities.ALL)
        .build();
    var vpc = Vpc.Builder.create(stack, "Vpc").maxAzs(2).natGateways(1).restrictDefaultSecurityGroup(false).build();
    var connector = NetworkConnector.Builder.create(stack, "Connector").vpc(vpc).build();
    connector.getConnections().allowTo(Peer.anyIpv4(), Port.HTTPS, "images of containers");

    var executionRole = MicrovmExecutionRole.Builder.create(stack, "ExecutionRole")
        .image(image)
        .roleName("integ-microvm-launcher-full")
        .description("MicroVMs with Docker inside")
        .launcherName("docker-inside")
        .sessionTagging(SessionTagging.keyPatterns("lambda:*"))
        .sourceArnCondition(true)
        .denyFromFunctions(true)
        .build();
    var logGroup = LogGroup.Builder.create(stack, "Logs").retention(RetentionDays.ONE_WEEK).removalPolicy(RemovalPolicy.DESTROY).build();
    var key = Key.Builder.create(stack, "Key")
        .enableKeyRotation(true)
        .pendingWindow(Duration.days(7))
        .removalPolicy(RemovalPolicy.DESTROY)
        .build();
    var launcher = MicrovmLauncher.Builder.create(stack, "Launcher")
        .image(image)
        .imageVersion(MicrovmImageVersion.latestActive())
        .ingress(MicrovmIngress.httpWithShell())
        .egress(MicrovmEgress.connector(connector))
        .idlePolicy(MicrovmIdlePolicy.builder().maxIdleDuration(Duration.minutes(5)).suspendedDuration(Duration.minutes(10)).autoResume(false).build())
        .maximumDuration(Duration.minutes(30))
        .executionRole(executionRole)
        .logging(MicrovmLogging.logGroup(logGroup))
        .encryptionKey(key)
        .webIdentityIssuer("https://issuer.example")
        .build();
    launcher.addRequestOverride("logging.cloudWatch.logStream", "docker-inside");
    launcher.grantWebIdentity(WebIdentityOptions.builder()
        .audiences(List.of("https://api.partner.example"))
        .maximumLifetime(Duration.minutes(10))
        .signingAlgorithm(WebIdentitySigningAlgorithm.ES384)
        .build());

    // Engineers may open a shell and nothing else.
    launcher.grantShell(Role.Builder.create(stack, "Engineers").assumedBy(new AccountRootPrincipal()).build());

    // A CI system may launch with tokens of its own identity provider.
    var ci = WebIdentityLaunchRole.Builder.create(stack, "Ci")
        .identityProvider(OidcProviderNative.Builder.create(stack, "GitHub")
            .url("https://token.actions.githubusercontent.com")
            .clientIds(List.of("sts.amazonaws.com"))
            .build())
        .issuer("token.actions.githubusercontent.com")
        .audiences(List.of("sts.amazonaws.com"))
        .subjects(List.of("repo:acme/app:ref:refs/heads/main"))
        .description("The main branch of acme/app launches")
        .maxSessionDuration(Duration.hours(1))
        .build();
    launcher.grantLaunch(ci);

    // The only function that creates endpoint tokens.
    var ownersPath = "/integ-microvm-launcher-full/owners";
    var broker = NodejsFunction.Builder.create(stack, "Broker")
        .entry("examples/broker/typescript/broker/handler.ts")
        .runtime(Runtime.NODEJS_24_X)
        .timeout(Duration.seconds(10))
        .environment(Map.of("OWNERS_PATH", ownersPath))
        .bundling(BundlingOptions.builder().externalModules(List.of()).build())
        .build();
    launcher.grantConnect(broker);
    broker.addToRolePolicy(PolicyStatement.Builder.create()
        .actions(List.of("ssm:GetParameter"))
        .resources(List.of(stack.formatArn(ArnComponents.builder()
            .service("ssm")
            .resource("parameter")
            .resourceName(ownersPath.substring(1) + "/*")
            .build())))
        .build());

    var fragment = MicrovmStateMachineFragment.Builder.create(stack, "Sandboxed")
        .launcher(launcher)
        .body(new Pass(stack, "Work"))
        .launchTimeout(Duration.minutes(3))
        .build();
    StateMachine.Builder.create(stack, "Machine").definitionBody(DefinitionBody.fromChainable(fragment)).build();

    app.synth();
  }
}
