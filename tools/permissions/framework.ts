import type { Permission } from '../../src/private/permissions';

/**
 * Permissions that aws-cdk-lib adds itself: its Provider framework, and its state that calls a function. They cannot
 * be narrowed.
 */
export const FRAMEWORK = {
  provider: {
    invoke: {
      purpose: 'call the handler (aws-cdk-lib\'s provider framework)',
      actions: ['lambda:InvokeFunction'],
      on: 'the handler and its versions',
      star: 'grantInvoke of aws-cdk-lib covers versions and aliases, which the handler does not have',
    },
    await: {
      purpose: 'wait until the handler is active again after a long idle time (aws-cdk-lib\'s provider framework)',
      actions: ['lambda:GetFunction'],
      on: 'the handler',
    },
    wait: {
      purpose: 'start the state machine that polls (aws-cdk-lib\'s provider framework)',
      actions: ['states:StartExecution'],
      on: 'the state machine',
    },
  },
  waiter: {
    poll: {
      purpose: 'poll with the isComplete function (aws-cdk-lib\'s provider framework)',
      actions: ['lambda:InvokeFunction'],
      on: 'that function and its versions',
      star: 'grantInvoke of aws-cdk-lib covers versions and aliases, which the function does not have',
    },
    timeOut: {
      purpose: 'report a timeout with the onTimeout function (aws-cdk-lib\'s provider framework)',
      actions: ['lambda:InvokeFunction'],
      on: 'that function and its versions',
      star: 'grantInvoke of aws-cdk-lib covers versions and aliases, which the function does not have',
    },
  },
  stateMachine: {
    invoke: {
      purpose: 'call the function of the fragment (aws-cdk-lib\'s LambdaInvoke)',
      actions: ['lambda:InvokeFunction'],
      on: 'that function and its versions',
      star: 'LambdaInvoke of aws-cdk-lib covers versions and aliases, which the function does not have',
    },
  },
} satisfies Record<string, Record<string, Permission>>;
