import { CfnMapping, Names, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { MicrovmCodeConfig } from './code-config';

const MAPPING = 'CdkLambdaMicrovmsCode';

/**
 * Returns the object key for a policy. The keys of assets are in a mapping of the stack, with an entry for each image.
 *
 * A policy that contains such a key changes with every change of the code, and the CDK CLI asks for approval of
 * broadened permissions. The CLI compares statements as they are in the template, and CloudFormation resolves
 * Fn::FindInMap before it compares resources. So the role is updated, and stays as narrow as with the key itself.
 */
export function keyForPolicy(image: Construct, code: MicrovmCodeConfig): string {
  // A mapping contains literal values only. The keys of the legacy synthesizer are parameters.
  if (!code.isAsset || Token.isUnresolved(code.objectKey)) return code.objectKey;
  const stack = Stack.of(image);
  const mapping = stack.node.tryFindChild(MAPPING) as CfnMapping | undefined ?? new CfnMapping(stack, MAPPING);
  const entry = Names.uniqueResourceName(image, { maxLength: 255 });
  mapping.setValue(entry, 'Key', code.objectKey);
  return mapping.findInMap(entry, 'Key');
}
