import { properties } from './inputs';
import { requestedSource } from '../../../src/handlers/image/request';
import { differences, sourceOf } from '../../../src/handlers/image/source';

const REQUESTED = {
  baseImageArn: 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1', buildRoleArn: 'arn:aws:iam::123456789012:role/build', codeUri: 's3://assets/code.zip',
};

test('the requested source is that of the properties, after the overrides of the user', () => {
  expect(requestedSource(properties())).toEqual(REQUESTED);
  const overrides = JSON.stringify({ 'codeArtifact.uri': 's3://other/code.zip' });
  expect(requestedSource(properties({ RequestOverrides: overrides }))).toEqual({ ...REQUESTED, codeUri: 's3://other/code.zip' });
});

test('a source differs in the members that both have with other values', () => {
  const found = sourceOf({ buildRoleArn: 'arn:aws:iam::123456789012:role/stranger', codeArtifact: { uri: 's3://assets/code.zip' } });
  expect(differences(found, REQUESTED)).toEqual(['buildRoleArn']);
  expect(differences(REQUESTED, REQUESTED)).toEqual([]);
});
