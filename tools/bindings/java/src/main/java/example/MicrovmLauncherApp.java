package example;

import io.github.cdklambdamicrovms.Microvm;
import io.github.cdklambdamicrovms.MicrovmCode;
import io.github.cdklambdamicrovms.MicrovmEgress;
import io.github.cdklambdamicrovms.MicrovmHealthCheck;
import io.github.cdklambdamicrovms.MicrovmHookOptions;
import io.github.cdklambdamicrovms.MicrovmHooks;
import io.github.cdklambdamicrovms.MicrovmIdlePolicy;
import io.github.cdklambdamicrovms.MicrovmImage;
import io.github.cdklambdamicrovms.MicrovmImageVersion;
import io.github.cdklambdamicrovms.MicrovmIngress;
import io.github.cdklambdamicrovms.MicrovmLaunchCheck;
import io.github.cdklambdamicrovms.MicrovmLauncher;
import io.github.cdklambdamicrovms.MicrovmMemory;
import io.github.cdklambdamicrovms.MicrovmReadyHooks;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.nodejs.BundlingOptions;
import software.amazon.awscdk.services.lambda.nodejs.NodejsFunction;
import software.amazon.awscdk.services.s3.assets.AssetOptions;

/** A launcher, backends in TypeScript and Python that use it, a MicroVM of the deployment, and a launch check. */
public final class MicrovmLauncherApp {

  public static void main(String[] args) {
    var app = new App();
    var stack = new Stack(app, "IntegMicrovmLauncher");

    var image = MicrovmImage.Builder.create(stack, "Sandbox")
        .code(MicrovmCode.fromDirectory("examples/quickstart/typescript/sandbox"))
        .memory(MicrovmMemory.MIB_512)
        .hooks(MicrovmHooks.withReady(MicrovmReadyHooks.builder().port(8080).run(MicrovmHookOptions.builder().build()).build()))
        .build();
    var launcher = MicrovmLauncher.Builder.create(stack, "Launcher")
        .image(image)
        .imageVersion(MicrovmImageVersion.ofThisDeployment())
        .ingress(MicrovmIngress.http())
        .egress(MicrovmEgress.internet())
        .idlePolicy(MicrovmIdlePolicy.builder().maxIdleDuration(Duration.minutes(15)).suspendedDuration(Duration.hours(1)).autoResume(true).build())
        .maximumDuration(Duration.hours(1))
        .build();

    var check = MicrovmLaunchCheck.Builder.create(stack, "Check").launcher(launcher).build();
    CfnOutput.Builder.create(stack, "TimeToRunning").value(check.getTimeToRunning()).build();
    CfnOutput.Builder.create(stack, "TimeToFirstResponse").value(check.getTimeToFirstResponse()).build();

    var shared = Microvm.Builder.create(stack, "Shared")
        .launcher(launcher)
        .healthCheck(MicrovmHealthCheck.builder().port(8080).path("/").timeout(Duration.minutes(2)).build())
        .payload("shared")
        .build();
    shared.addRequestOverride("maximumDurationInSeconds", 1800);
    CfnOutput.Builder.create(stack, "MicrovmId").value(shared.getMicrovmId()).build();

    var typeScript = NodejsFunction.Builder.create(stack, "TypeScript")
        .entry("examples/quickstart/typescript/backend/handler.ts")
        .runtime(Runtime.NODEJS_24_X)
        .timeout(Duration.minutes(1))
        // Bundles the AWS SDK: the one in the runtime does not include the service.
        .bundling(BundlingOptions.builder().externalModules(List.of()).build())
        .build();
    // In an account, it needs a layer with a recent boto3.
    var python = Function.Builder.create(stack, "Python")
        .code(Code.fromAsset("examples/quickstart/python/backend", AssetOptions.builder().exclude(List.of("**", "!handler.py")).build()))
        .handler("handler.handler")
        .runtime(Runtime.PYTHON_3_14)
        .timeout(Duration.minutes(1))
        .build();
    for (Function backend : List.of(typeScript, python)) {
      launcher.grantLaunch(backend);
      launcher.grantConnect(backend);
      launcher.grantManage(backend);
      launcher.addToFunction(backend);
      // Backends launch a new version only after the check has succeeded.
      backend.getNode().addDependency(check);
    }

    app.synth();
  }
}
