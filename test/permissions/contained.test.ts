import * as fs from 'fs';
import * as path from 'path';
import type { Ability } from '../../tools/permissions/contained';
import { abilitiesIn, listing } from '../../tools/permissions/contained';
import { BUILDS, INTERNAL, synthesizeSample } from '../../tools/permissions/sample';
import { universe } from '../../tools/permissions/universe';
import { trusts } from '../support/iam';
import { ACCOUNT, REGION } from '../support/stacks';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const sample = synthesizeSample();
const things = universe(sample);

/** With the roles of functions in a VPC, Lambda itself creates network interfaces. The code of the functions cannot. */
function isForLambdaItself({ role, thing, action }: Ability): boolean {
  const { resource, context } = things.find(({ name }) => name === thing)!;
  const fromCode = { ...context, 'lambda:SourceFunctionArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:handler` };
  return /^CdkLambdaMicrovms(Function|OnEvent|Waiter)Role/.test(role.logicalId) && !role.principal.may({ action, resource, context: fromCode });
}

const abilities = abilitiesIn(sample).filter(ability => !isForLambdaItself(ability));

const inWords = ({ role, thing, action }: Ability) => `${role.stack}/${role.logicalId}: ${action} on ${thing}`;

test('the constants of the sample match the connectors of its templates', () => {
  expect([INTERNAL, BUILDS]).toEqual(['Internal', 'Builds'].map(id => sample.arnOf('Network', id, 'ConnectorArn')));
});

describe('nobody', () => {
  test.each([
    'sts:AssumeRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:CreateRole', 'iam:DeleteRole', 'iam:TagRole',
    'lambda:CreateFunction', 'lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration', 'states:UpdateStateMachine',
    'cloudformation:UpdateStack', 'cloudformation:DeleteStack', 's3:PutObject', 's3:DeleteObject', 'kms:Encrypt', 'ecr:PutImage',
    'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'logs:DeleteLogStream', 'ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces',
    'ec2:ReleaseAddress', 'iam:DeleteServiceLinkedRole',
  ])('may %s', action => {
    expect(things.some(({ actions }) => actions.includes(action))).toBe(true);
    expect(abilities.filter(ability => ability.action === action).map(inWords)).toEqual([]);
  });

  test.each([
    'image app of another account', 'image app in another Region', 'a connector of another account', 'a role of another account', 'an administrator',
    'a new image', 'a new connector', 'a new connector of the team elsewhere', 'ALL_INGRESS', 'another subnet', 'another security group',
    'another network interface', 'another interface in a subnet of a connector', 'an interface of a connector in subnet-other',
    'the service-linked role of eks.amazonaws.com', 'another function', 'other code', 'another repository', 'another log', 'another parameter',
    'a web identity token for another audience', 'resource role of app', 'key of image sealed',
    'a new connector with the tags of internal elsewhere', 'tags of a new connector with those of internal and another',
    'a connector without an owner, with the tags of internal', 'a function without tags, with the tags of internal',
    'a function without tags, with the tags of app',
    'a function of somebody else, with the tags of the team',
    'key of the code', 'key of the code, for other.zip through s3', 'key of the code, for app.zip through secretsmanager',
  ])('may do anything to %s', thing => {
    expect(things.some(({ name }) => name === thing)).toBe(true);
    expect(abilities.filter(ability => ability.thing === thing).map(inWords)).toEqual([]);
  });

  test('may create a log group, except a build role its own', () => {
    const creations = abilities.filter(({ action }) => action === 'logs:CreateLogGroup').map(({ role, thing }) => `${role.logicalId.slice(0, -8)}: ${thing}`);
    expect([...new Set(creations)].sort()).toEqual(['AppBuildRole: build log of app', 'OtherBuildRole: build log of other', 'ToolBuildRole: build log of tool']);
  });

  test('may use the key of an image through Lambda, except the resource role of the image and whoever may launch it', () => {
    const users = abilities.filter(({ thing }) => thing.startsWith('key of image sealed')).map(({ role }) => role.logicalId.replace(/([0-9A-F]{8})+$/, ''));
    expect([...new Set(users)].sort()).toEqual(['RunsSealed', 'SealedResourceRole']);
  });

  test.each([
    ['connector builds, with the tags of internal', 'BuildsResourceRole'], ['image tool, with the tags of app', 'ToolResourceRole'],
  ])('may tag %s, except its own role', (thing, owner) => {
    expect(abilities.filter(ability => ability.thing === thing).map(({ role }) => role.logicalId.slice(0, owner.length))).toEqual([owner]);
  });
});

describe('teams of developers', () => {
  const ofDevelopers = abilities.filter(({ role }) => role.stack !== 'Network');

  test('cannot create, change, tag or delete connectors', () => {
    const actions = ['CreateNetworkConnector', 'UpdateNetworkConnector', 'DeleteNetworkConnector'].map(name => `lambda:${name}`);
    expect(ofDevelopers.filter(({ action, thing }) => actions.includes(action) || (action === 'lambda:TagResource' && thing.includes('connector'))).map(inWords)).toEqual([]);
  });

  test('can only pass the roles of their own images, and the connectors that were granted to them', () => {
    expect([...new Set(ofDevelopers.filter(({ action }) => action === 'iam:PassRole').map(({ role, thing }) => `${role.stack}: ${thing}`))].sort()).toEqual([
      'TeamA: build role of app', 'TeamA: build role of tool', 'TeamA: execution role of app', 'TeamB: build role of other', 'TeamB: execution role of other',
    ]);
    expect([...new Set(ofDevelopers.filter(({ action }) => action === 'lambda:PassNetworkConnector').map(({ role, thing }) => `${role.stack}: ${thing}`))].sort()).toEqual([
      'TeamA: HTTP_INGRESS', 'TeamA: INTERNET_EGRESS', 'TeamA: SHELL_INGRESS', 'TeamA: connector builds', 'TeamA: connector builds, a version',
      'TeamA: connector internal', 'TeamA: connector internal, a version', 'TeamB: INTERNET_EGRESS', 'TeamB: NO_INGRESS',
    ]);
  });

  test('cannot act on resources of the other team', () => {
    const own: Record<string, RegExp> = { TeamA: /\bother$/, TeamB: /\b(app|tool|app2)\b|Resident|Check|TeamA|workflow|partner/ };
    expect(ofDevelopers.filter(({ role, thing }) => own[role.stack].test(thing)).map(inWords)).toEqual([]);
  });

  test('can launch without permission to create tokens or open shells', () => {
    const launching = new Set(ofDevelopers.filter(({ action }) => action === 'lambda:RunMicrovm').map(({ role }) => role));
    const creatingTokens = ofDevelopers.filter(({ action, role }) => /AuthToken$/.test(action) && launching.has(role)).map(({ role, action }) => `${role.logicalId.slice(0, 8)} ${action}`);
    // A deployment creates tokens for the health checks of what it launched.
    expect(creatingTokens).toEqual(['Resident lambda:CreateMicrovmAuthToken', 'CheckRes lambda:CreateMicrovmAuthToken']);
  });
});

test('each may do what is listed in contained.txt, and nothing else to anything here; run npm run generate', () => {
  expect(listing(sample)).toBe(fs.readFileSync(path.join(__dirname, 'contained.txt'), 'utf8'));
});

describe('trust', () => {
  const image = (name: string, account = ACCOUNT) => `arn:aws:lambda:${REGION}:${account}:microvm-image:${name}`;
  const service = (SourceArn: string, account = ACCOUNT) => ({ principal: 'lambda.amazonaws.com', context: { 'aws:SourceArn': SourceArn, 'aws:SourceAccount': account } });
  const role = (arn: string) => ({ principal: arn, context: {} });
  const callers: Record<string, { principal: string; context: Record<string, string | string[]> }> = {
    'the service for app': service(image('app')),
    'the service for a version of app': service(`${image('app')}:1.0`),
    'the service for tool': service(image('tool')),
    'the service for sealed': service(image('sealed')),
    'the service for other': service(image('other')),
    'the service for app of another account': service(image('app', '111122223333'), '111122223333'),
    'the service for app, presenting another account': service(image('app'), '111122223333'),
    'a function': service(`arn:aws:lambda:${REGION}:${ACCOUNT}:function:any`),
    'the service without a source': { principal: 'lambda.amazonaws.com', context: {} },
    'another service': { principal: 'ec2.amazonaws.com', context: {} },
    'Step Functions': { principal: 'states.amazonaws.com', context: {} },
    ...Object.fromEntries((['Network', 'TeamA', 'TeamB'] as const).map(stack => [`the handler of ${stack}`, role(sample.role(stack, 'CdkLambdaMicrovmsFunctionRole').arn)])),
    'a build of app': role(sample.role('TeamA', 'AppBuildRole').arn),
    'a MicroVM of app': role(sample.role('TeamA', 'LauncherExecutionRole').arn),
    'somebody of the account': role(`arn:aws:iam::${ACCOUNT}:role/somebody`),
    'somebody of another account': role('arn:aws:iam::111122223333:role/somebody'),
  };
  const FUNCTIONS_AND_OPERATORS = [
    'the service for app', 'the service for a version of app', 'the service for tool', 'the service for sealed', 'the service for other',
    'the service for app of another account',
    'the service for app, presenting another account', 'a function', 'the service without a source',
  ];

  /** Who may assume which roles. */
  const trusted: [RegExp, (stack: string) => string[]][] = [
    [/^AppBuildRole|^LauncherExecutionRole/, stack => stack === 'TeamA' ? ['the service for app', 'the service for a version of app'] : ['the service for other']],
    [/^ToolBuildRole/, () => ['the service for tool']],
    [/^SealedBuildRole/, () => ['the service for sealed']],
    [/^OtherBuildRole/, () => ['the service for other']],
    // The service presents no source for these roles, and any function of the provider can assume them
    // (service-facts.md, 3.4).
    [/OperatorRole|^CdkLambdaMicrovms(Function|OnEvent|Waiter)Role|^SandboxedRole/, () => FUNCTIONS_AND_OPERATORS],
    [/ResourceRole/, stack => [`the handler of ${stack}`]],
    [/waiterstatemachineRole|^MachineRole/, () => ['Step Functions']],
    // Only web identity can assume this role: test/launcher/web-identity-launch-role.test.ts.
    [/^Ci/, () => []],
  ];
  const sorts = sample.roles.flatMap(candidate => {
    const sort = trusted.find(([pattern]) => pattern.test(candidate.logicalId));
    return sort ? [[`${candidate.stack} ${candidate.logicalId}`, candidate, sort[1](candidate.stack)] as const] : [];
  });

  test.each(sorts)('in %s covers those who need it, and nobody else', async (_, { trust }, expected) => {
    const policy = { Version: '2012-10-17', Statement: trust };
    const inside = [];
    for (const [name, { principal, context }] of Object.entries(callers)) if (await trusts(policy, principal, 'sts:AssumeRole', context)) inside.push(name);
    expect(inside).toEqual(expected);
  });

  test.each(sorts.filter(([, { trust }]) => trust.length > 1))('in %s needs every statement', async (_, { trust }, [caller]) => {
    const { principal, context } = callers[caller];
    const actions = ['sts:AssumeRole', 'sts:TagSession'];
    const answers = async (statements: typeof trust) => Promise.all(actions.map(async action =>
      trusts({ Version: '2012-10-17', Statement: statements }, principal, action, { ...context, 'aws:TagKeys': ['lambda:image'] })));
    expect(await answers(trust)).toEqual([true, true]);
    for (const statement of trust) expect(await answers(trust.filter(other => other !== statement))).toContain(false);
  });

  test('in persons is not checked, because this library does not create their roles', () => {
    const others = sample.roles.filter(({ logicalId }) => !trusted.some(([pattern]) => pattern.test(logicalId)));
    expect(others.every(({ trust }) => JSON.stringify(trust[0].Principal) === `{"AWS":"arn:aws:iam::${ACCOUNT}:root"}`)).toBe(true);
  });
});
