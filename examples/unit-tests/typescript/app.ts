import { App, aws_logs as logs } from 'aws-cdk-lib';
import { MicrovmProvider } from 'cdk-lambda-microvms';
import { SandboxStack } from './sandbox-stack';

const app = new App();
MicrovmProvider.configure(app, { logRetention: logs.RetentionDays.ONE_WEEK });
new SandboxStack(app, 'UnitTests');
