import * as path from 'node:path';
import type { StackProps } from 'aws-cdk-lib';
import { Duration, Stack } from 'aws-cdk-lib';
import { MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher } from 'cdk-lambda-microvms';
import type { Construct } from 'constructs';

export class SandboxStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const image = new MicrovmImage(this, 'Sandbox', {
      code: MicrovmCode.fromDirectory(path.join(__dirname, 'sandbox')),
      hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
      retainedVersions: 5,
    });
    const launcher = new MicrovmLauncher(this, 'Launcher', {
      image,
      ingress: MicrovmIngress.http(),
      egress: MicrovmEgress.internet(),
      idlePolicy: { maxIdleDuration: Duration.minutes(15), suspendedDuration: Duration.hours(1), autoResume: true },
      maximumDuration: Duration.hours(4),
    });
    new MicrovmLaunchCheck(this, 'Check', { launcher });
  }
}
