/**
 * An image with default properties.
 *
 * In an account, it builds for some minutes. Its deletion also deletes its log group and roles.
 */
import * as path from 'path';
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { MicrovmCode, MicrovmImage } from '../src';

const EXAMPLES = path.join(__dirname, '..', 'examples');

const app = new App();
const stack = new Stack(app, 'IntegMicrovmImage');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromDirectory(path.join(EXAMPLES, 'quickstart', 'typescript', 'sandbox')),
});
new CfnOutput(stack, 'ImageVersion', { value: image.microvmImageVersion });
new CfnOutput(stack, 'BaseImageVersion', { value: image.baseImageVersion });

const integ = new IntegTest(app, 'IntegMicrovmImageTest', { testCases: [stack] });

integ.assertions.awsApiCall('CloudFormation', 'describeStacks', { StackName: stack.stackName }).expect(ExpectedResult.objectLike({
  Stacks: [{
    Outputs: Match.arrayWith([
      Match.objectLike({ OutputKey: 'ImageVersion', OutputValue: Match.stringLikeRegexp('^[0-9]+\\.[0-9]+$') }),
      Match.objectLike({ OutputKey: 'BaseImageVersion', OutputValue: Match.stringLikeRegexp('^[0-9]+(\\.[0-9]+)?$') }),
    ]),
  }],
}));

// The builds wrote their logs to the log group of the image.
integ.assertions.awsApiCall('CloudWatchLogs', 'describeLogStreams', {
  logGroupName: image.logGroup!.logGroupName, limit: 1,
}).expect(ExpectedResult.objectLike({
  logStreams: Match.arrayWith([Match.objectLike({ logStreamName: Match.stringLikeRegexp('.+') })]),
}));
