import type { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher, NetworkConnector } from '../../../src';

/** With this library. */
export function pair(stack: Stack, vpc: ec2.IVpc, id: string, directory: string) {
  const connector = new NetworkConnector(stack, `${id}Connector`, { vpc });
  connector.connections.allowToAnyIpv4(ec2.Port.HTTPS);
  const image = new MicrovmImage(stack, id, { code: MicrovmCode.fromDirectory(directory), buildEgress: MicrovmEgress.connector(connector) });
  return { connector, image };
}

export function launch(stack: Stack, { connector, image }: ReturnType<typeof pair>): void {
  const launcher = new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.connector(connector) });
  const code = lambda.Code.fromAsset('examples/quickstart/python/backend');
  const caller = new lambda.Function(stack, 'Caller', { runtime: lambda.Runtime.PYTHON_3_14, handler: 'handler.handler', code });
  launcher.grantLaunch(caller);
  launcher.addToFunction(caller);
}
