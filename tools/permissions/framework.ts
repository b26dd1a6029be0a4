import type { Permission } from '../../src/private/permissions';

/**
 * Permissions that aws-cdk-lib adds itself: its Provider framework, and its state that calls a function. They cannot
 * be narrowed.
 */
export const FRAMEWORK = {
  provider: {
    invoke: {
      purpose: 'call the handler (Provider framework of aws-cdk-lib)',
      actions: ['lambda:InvokeFunction'],
      on: 'the handler and its versions',
      star: 'grantInvoke of aws-cdk-lib covers versions and aliases, which the handler does not have',
    },
    await: {
      purpose: 'wait until the handler is active again after a long idle time (Provider framework of aws-cdk-lib)',
      actions: ['lambda:GetFunction'],
      on: 'the handler',
    },
    wait: {
      purpose: 'start the state machine that polls (Provider framework of aws-cdk-lib)',
      actions: ['states:StartExecution'],
      on: 'the state machine',
    },
  },
  waiter: {
    poll: {
      purpose: 'poll with the function for isComplete (Provider framework of aws-cdk-lib)',
      actions: ['lambda:InvokeFunction'],
      on: 'that function and its versions',
      star: 'grantInvoke of aws-cdk-lib covers versions and aliases, which the function does not have',
    },
    timeOut: {
      purpose: 'report a timeout with the function for onTimeout (Provider framework of aws-cdk-lib)',
      actions: ['lambda:InvokeFunction'],
      on: 'that function and its versions',
      star: 'grantInvoke of aws-cdk-lib covers versions and aliases, which the function does not have',
    },
  },
  stateMachine: {
    invoke: {
      purpose: 'call the function of the state machine fragment (LambdaInvoke of aws-cdk-lib)',
      actions: ['lambda:InvokeFunction'],
      on: 'that function and its versions',
      star: 'LambdaInvoke of aws-cdk-lib covers versions and aliases, which the function does not have',
    },
  },
} satisfies Record<string, Record<string, Permission>>;
