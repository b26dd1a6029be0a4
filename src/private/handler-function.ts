import * as fs from 'fs';
import * as path from 'path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { HANDLER_BUNDLE, HANDLER_FILE } from './bundle';
import { ValidationError } from './errors';

/** Properties that all functions of this library share. Each function has an entry point in the same bundle. */
export function handlerFunctionProps(scope: Construct, entry: string): Pick<lambda.FunctionProps, 'runtime' | 'architecture' | 'code' | 'handler'> {
  return { runtime: lambda.Runtime.NODEJS_24_X, architecture: lambda.Architecture.ARM_64, code: handlerCode(scope), handler: `index.${entry}` };
}

function handlerCode(scope: Construct): lambda.Code {
  if (!fs.existsSync(path.join(HANDLER_BUNDLE, HANDLER_FILE))) {
    throw new ValidationError('MicrovmHandlerBundleMissing',
      `handler: ${HANDLER_BUNDLE} has no ${HANDLER_FILE}; in a checkout of cdk-lambda-microvms, run \`npx projen bundle\`; `
      + 'otherwise, install the package again', scope);
  }
  return lambda.Code.fromAsset(HANDLER_BUNDLE, { exclude: ['**', `!${HANDLER_FILE}`] });
}
