import { propertiesOfL1 } from '../../../tools/service-model/l1';
import { L1_ONLY, MEMBERS } from '../../../tools/service-model/members';

/** The operation that CloudFormation calls to create the resource of each L1. */
const OPERATIONS: Record<string, string> = { CfnMicrovmImage: 'CreateMicrovmImage', CfnNetworkConnector: 'CreateNetworkConnector' };

// `.ci/newest` runs this with the newest aws-cdk-lib, and `npm test` with the oldest supported one.
describe.each(Object.keys(OPERATIONS))('%s of the installed aws-cdk-lib', name => {
  const properties = propertiesOfL1(name);
  const members = new Set(Object.keys(MEMBERS[OPERATIONS[name]]).map(withoutCase));
  const explained = Object.keys(L1_ONLY[name]);

  test('has only properties that the library sets or leaves out for a reason', () => {
    const unknown = properties.filter(property => !members.has(withoutCase(property)) && !explained.includes(property));

    expect(unknown).toEqual([]);
  });

  test('has every property that the table explains', () => {
    expect(explained.filter(property => !properties.includes(property))).toEqual([]);
  });

  test('has nested properties too', () => {
    expect(properties).toContain(name === 'CfnMicrovmImage' ? 'hooks.microvmImageHooks.readyTimeoutInSeconds' : 'configuration.vpcEgressConfiguration.subnetIds');
    if (name === 'CfnMicrovmImage') expect(properties).toContain('cpuConfigurations[].architecture');
  });
});

/** The API of connectors begins names with capitals, the L1 does not. */
function withoutCase(path: string): string {
  return path.toLowerCase();
}
