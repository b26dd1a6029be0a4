import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { testNetworkConnector } from './support';
import { MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher } from '../../src';
import { ACCOUNT, REGION, testApp, testImage, testStack } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

test('a connector can be the egress of an image of another stack', () => {
  const app = testApp();
  const { connector } = testNetworkConnector({}, testStack(app, 'Network'));
  const stack = testStack(app, 'Images');
  new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline('FROM x'), buildEgress: MicrovmEgress.connector(connector) });
  Template.fromStack(stack).hasResourceProperties('Custom::MicrovmImage', {
    BuildEgressArn: { 'Fn::ImportValue': Match.stringLikeRegexp('^Network:ExportsOutputFnGetAttConnector.*ConnectorArn') },
  });
});

test('an L1 can be an egress', () => {
  const stack = testStack();
  const l1 = new lambda.CfnNetworkConnector(stack, 'L1', {
    operatorRole: 'arn:aws:iam::123456789012:role/x',
    configuration: { vpcEgressConfiguration: { subnetIds: ['s'], associatedComputeResourceTypes: ['MicroVm'] } },
  });
  expect(() => MicrovmEgress.connector(l1).bind(stack)).not.toThrow();
});

describe('an ARN with a version', () => {
  const withVersion = () => {
    const networkConnectorArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1:3`;
    return MicrovmEgress.connector({ networkConnectorRef: { networkConnectorArn } } as lambda.INetworkConnectorRef);
  };

  test('fails for a launcher, with its property egress', () => {
    const stack = testStack();
    const image = testImage({}, stack);
    expect(() => new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.none(), egress: withVersion() }))
      .toThrow(/^egress: '.*nc-1:3' is not the ARN of a network connector; use .* without a version, .*MicrovmEgressConnectorInvalid at Test\/Launcher/);
  });

  test('fails for an image, with its property buildEgress', () => {
    expect(() => testImage({ buildEgress: withVersion() }))
      .toThrow(/^buildEgress: '.*nc-1:3' is not the ARN of a network connector; use .* without a version, .*MicrovmEgressConnectorInvalid at Test\/Image/);
  });
});
