import { App, Stack } from 'aws-cdk-lib';
import type { AppProps, StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { MicrovmImageProps } from '../../src';
import { MicrovmCode, MicrovmImage } from '../../src';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const DOCKERFILE = 'FROM public.ecr.aws/lambda/microvms:al2023-minimal';

export function testStack(app = testApp(), id = 'Test', props?: StackProps): Stack {
  return new Stack(app, id, { env: { account: ACCOUNT, region: REGION }, ...props });
}

export function testApp(context?: AppProps['context']): App {
  return new App({ context, analyticsReporting: false });
}

export function testImage(props: Partial<MicrovmImageProps> = {}, stack = testStack(), id = 'Image'): MicrovmImage {
  return new MicrovmImage(stack, id, { code: MicrovmCode.fromInline(DOCKERFILE), ...props });
}

export function testConnector(stack: Stack): lambda.CfnNetworkConnector {
  return new lambda.CfnNetworkConnector(stack, 'Connector', {
    operatorRole: `arn:aws:iam::${ACCOUNT}:role/operator`,
    configuration: {
      vpcEgressConfiguration: {
        subnetIds: ['subnet-0123456789abcdef0'],
        securityGroupIds: ['sg-0123456789abcdef0'],
        networkProtocol: 'IPv4',
        associatedComputeResourceTypes: ['MicroVm'],
      },
    },
  });
}

/** Returns this number of environment variables or tags. */
export function variables(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`V${index}`, 'x']));
}

/** Returns the properties of the custom resource of the only image of a stack. */
export function propertiesOf(image: MicrovmImage): any {
  const resources = Template.fromStack(Stack.of(image)).findResources('Custom::MicrovmImage');
  return Object.values(resources)[0].Properties;
}
