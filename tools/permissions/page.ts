import { persons } from './matrix';
import { listOf } from './principal';
import type { Statement } from './principal';
import type { SamplePrincipal } from './principals';
import { PRINCIPALS, roleOf } from './principals';
import { explain } from './purposes';
import type { Sample, StackName } from './sample';
import { deployedTeamBootstrap } from './team-bootstrap';
import type { Permission } from '../../src/private/permissions';
import { fromFunctionOnly, PERMISSIONS } from '../../src/private/permissions';
import { ACCOUNT, REGION } from '../../test/support/stacks';
import { headingsOf } from '../gate/markdown';
import { read, REPOSITORY_URL } from '../gate/repository';

const FACTS = 'docs/design/service-facts.md';
const FACTS_URL = `${REPOSITORY_URL}/blob/main/${FACTS}`;
const HEADINGS = headingsOf(read(FACTS));

/** PERMISSIONS.md: every permission that this library grants to anybody, from the templates of the sample. */
export function page(sample: Sample): string {
  return [
    '# Permissions',
    '',
    'Every statement of every role and grant that this library creates, with its reason. `npm run generate` writes this page',
    `from the templates of a [sample](${REPOSITORY_URL}/blob/main/tools/permissions/sample.ts): an image \`app\` with a`,
    'launcher, a MicroVM, a launch check and a state machine fragment, and a network connector `internal`. Each team has a',
    'stack of its own.',
    '',
    'Tests compare this page with the templates. By policy simulation, they also show three things: each role has every',
    'permission that it needs, no statement can be left out, and no role has any other permission.',
    '',
    'Resources and conditions of the sample stand for yours. A reason in parentheses, such as "service-facts.md, 2.1", leads',
    `to a section of the [service facts](${FACTS_URL}).`,
    '',
    ...PRINCIPALS.flatMap(principal => [...section(sample, principal), '']),
    ...keyPolicy(sample),
    '',
    ...guardrail(),
    '',
    ...teamBootstrap(),
    '',
    ...beyond(sample),
    '',
    ...serviceCalls(sample),
    '',
  ].join('\n');
}

function section(sample: Sample, principal: SamplePrincipal): string[] {
  const { trust, principal: { statements } } = roleOf(sample, principal);
  return [
    `## ${principal.title}`,
    '',
    ...isGrant(principal) ? [] : [`Assumed by: ${trust.map(inWords).join('; ')}`, ''],
    ...rows(statements, principal.permissions),
  ];
}

function keyPolicy(sample: Sample): string[] {
  const { KeyPolicy: { Statement: statements } } = sample.deployed.Network.resource('AWS::KMS::Key').Properties;
  return [
    '## `DeploymentEncryption` with `allowedPrincipalArns`: the key policy',
    '',
    'Each statement lets IAM policies of the account decide, for the principals that it names. `applyNetworkTeamPath` of the',
    'guardrail names the roles of the network team. Without `allowedPrincipalArns`, the key has the default key policy.',
    '',
    ...rows(statements, Object.values(PERMISSIONS.deploymentEncryption)),
  ];
}

function guardrail(): string[] {
  const everybody = persons().persons;
  const { Statement: boundary } = everybody.find(({ bounds }) => bounds.boundary !== undefined)!.bounds.boundary;
  const { Statement: serviceControlPolicy } = everybody.find(({ bounds }) => bounds.serviceControlPolicy !== undefined)!.bounds.serviceControlPolicy;
  const { Statement: denyPolicy } = everybody.find(({ name }) => name === 'administrator with deny policy')!.policies[1];
  const inBoundary = new Set(boundary.map(({ Sid: sid }: { Sid: string }) => sid));
  const others = (statements: any[]) => rows(statements.filter(({ Sid: sid }) => !inBoundary.has(sid)), Object.values(PERMISSIONS.guardrail));
  return [
    '## `NetworkConnectorGuardrail`: the boundary',
    '',
    'The deny policy and the service control policy contain these denies, except those with condition keys of permissions',
    'boundaries.',
    '',
    ...rows(boundary, Object.values(PERMISSIONS.guardrail)),
    '',
    'Only the service control policy also denies:',
    '',
    ...others(serviceControlPolicy),
    '',
    'Only the deny policy also denies:',
    '',
    ...others(denyPolicy),
  ];
}

/** Has a permission set and a trusted account, so that every statement exists. */
function teamBootstrap(): string[] {
  const deployed = deployedTeamBootstrap({ trusts: true });
  const permissions = Object.values(PERMISSIONS.teamBootstrap);
  const trust: Statement[] = deployedTeamBootstrap().resource('AWS::IAM::Role', 'DeployRole').Properties.AssumeRolePolicyDocument.Statement;
  const part = (title: string, statements: readonly Statement[]) => [`### ${title}`, '', ...rows(statements, permissions), ''];
  const policiesOf = (id: string) => deployed.policiesOf(id).flatMap(({ Statement: statements }: { Statement: Statement[] }) => statements);
  return [
    '## `NetworkTeamSynthesizer`: the bootstrap of the network team',
    '',
    'The deploy, publishing and lookup roles are assumed by:',
    ...trust.map(inWords),
    '',
    ...part('Deploy role', policiesOf('DeployRole')),
    ...part('Publishing role for files', policiesOf('FilePublishingRole')),
    ...part('Publishing role for images', policiesOf('ImagePublishingRole')),
    ...part('Lookup role, which also has the managed policy `ReadOnlyAccess`', policiesOf('LookupRole')),
    ...part('Policy of the bucket', deployed.resource('AWS::S3::BucketPolicy').Properties.PolicyDocument.Statement),
    ...part('Policy of the repository', deployed.resource('AWS::ECR::Repository').Properties.RepositoryPolicyText.Statement),
    'CloudFormation assumes the execution role. Its policy is the managed policy `AdministratorAccess`, or those that',
    '`cdk bootstrap --cloudformation-execution-policies` names.',
  ];
}

function rows(statements: readonly Statement[], permissions: readonly Permission[]): string[] {
  const reasons = explain(statements, permissions);
  const all = (names: string[] | string | undefined, butFor: string[] | string | undefined) =>
    `${butFor === undefined ? '' : 'all except '}${listOf(names ?? butFor).map(name => code(general(name))).join(', ')}`;
  return table(['action', 'resource', 'condition', 'why'], statements.map((statement, index) => [
    `${statement.Effect === 'Deny' ? '**deny** ' : ''}${all(statement.Action, statement.NotAction)}`,
    all(statement.Resource, statement.NotResource),
    conditionsOf(statement).map(code).join(', ') || '–',
    linked(reasons[index].map(({ purpose, star }) => [purpose, ...isStarred(statement) && star !== undefined ? [star] : []].join('; ')).join('. ')),
  ]));
}

function isGrant({ title }: SamplePrincipal): boolean {
  return title.startsWith('`') && !title.includes('WebIdentityLaunchRole');
}

function isStarred({ Resource: resources, NotResource: notResources }: Statement): boolean {
  return listOf(resources ?? notResources).some(resource => resource.includes('*'));
}

function inWords(statement: Statement): string {
  const who = Object.values(statement.Principal as Record<string, string>).map(name => code(general(name))).join(', ');
  const conditions = conditionsOf(statement);
  return `${who} by ${listOf(statement.Action).map(code).join(', ')}${conditions.length === 0 ? '' : ` if ${conditions.map(code).join(' and ')}`}`;
}

function conditionsOf({ Condition: condition = {} }: Statement): string[] {
  return Object.entries(condition).flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) => `${operator} ${key}: ${listOf(values).map(general).join(', ')}`));
}

/** Pairs of action and resource without a known need. */
function beyond(sample: Sample): string[] {
  return [
    '## Allowed without a known need',
    '',
    '- Passing versions of a connector (`<arn>:*`). The service may check the ARN with or without a version; nobody has',
    '  measured which one it checks for MicroVMs.',
    '- `logs:DescribeLogStreams` on both forms of the ARN of a log group. Nobody has measured which one the service checks.',
    '- Versions of functions, in the statements that aws-cdk-lib\'s provider framework and `LambdaInvoke` add. Their grants',
    '  cannot leave them out.',
    `- The resource role of an image (${code(nameOf(sample, 'TeamA', 'AppResourceRole'))}) may put its owner tags and the tags of its image on other images`,
    '  without an owner: IAM authorizes the tags of a create request on `*`. It cannot change or delete these images.',
    '- The resource role of a connector cannot put its owner tags on anything that exists without an owner. That it can',
    '  still create a connector rests on an assumption that was not verified against live AWS: IAM authorizes the tags of a',
    '  new connector without its ID.',
    '- A member of a team with `requiredTags` may put exactly these tags on any Lambda resource that has none of their keys,',
    '  for example on a function without tags.',
    '',
    'With the context key `"cdk-lambda-microvms:tagConditions": false`, the conditions on owner tags change from',
    '`StringEquals` to `StringEqualsIfExists`, and the deny of tags leaves out connectors:',
    '',
    ...rows(sample.withoutTagConditions.filter(isAboutTags), Object.values(PERMISSIONS.connectorHandler)),
    '',
    'If the service sends no tags to IAM, the resource role of a connector may then change, delete, tag and untag every',
    'connector of the account and Region. If the service sends them, it may do so with connectors without an owner only.',
    '',
    'With the context key `"cdk-lambda-microvms:sourceFunctionCondition": true`, the role of the handler function also has',
    'this deny:',
    '',
    ...rows([fromFunctionOnly(sample.arnOf('TeamA', 'CdkLambdaMicrovmsHandler')).toStatementJson()], [PERMISSIONS.deny.otherFunctions]),
  ];
}

function isAboutTags(statement: Statement): boolean {
  return conditionsOf(statement).some(condition => /aws:(Request|Resource)Tag/.test(condition));
}

/** The logical ID of a role without its hash. */
function nameOf(sample: Sample, stack: StackName, beginning: string): string {
  return sample.role(stack, beginning).logicalId.replace(/([0-9A-F]{8}){1,2}$/, '');
}

function serviceCalls(sample: Sample): string[] {
  const roles = PRINCIPALS.filter(({ title }) => /^An? (build|execution|operator) role/.test(title));
  return [
    '## What the service does with the roles that it assumes',
    '',
    'On the local AWS, the simulated service reads the code, writes logs and creates network interfaces with these roles, and\n'
    + 'IAM checks these calls. For the other calls, the tests simulate the policies.',
    '',
    ...table(['role', 'action', 'on', 'known from'], roles.flatMap(principal => principal.needs!(sample).map(({ action, resource, source }) =>
      [principal.title.replace(/:.*/, ''), code(action), code(general(resource)), linked(source)]))),
  ];
}

/** Replaces what differs from stack to stack. */
function general(text: string): string {
  return text.replace(new RegExp(`\\b${REGION}\\b`, 'g'), '<region>').replace(new RegExp(ACCOUNT, 'g'), '<account>').replace('111122223333', '<another account>')
    .replace(/\b(TeamA|Network)-(?=[A-Z])/g, '').replace(/([a-z])([0-9A-F]{8}){1,2}\b/g, '$1').replace(/uuid-of-\w+/, '<stack uuid>').replace(/-[0-9A-F]{8}-[0-9A-F]{8}-/, '-<hash>-');
}

/**
 * Turns citations of service facts into absolute links: the page is also read where there is no repository, for
 * example on npm.
 */
export function linked(text: string): string {
  return text.replace(/service-facts\.md, (\d+\.\d+(?:, \d+\.\d+)*)/g, (_, numbers: string) =>
    numbers.split(', ').map((number, index) => `[${index === 0 ? 'service-facts.md, ' : ''}${number}](${FACTS_URL}#${anchorOf(number)})`).join(', '));
}

function anchorOf(number: string): string {
  const heading = HEADINGS.find(({ text }) => text.startsWith(`${number} `));
  if (!heading) throw new Error(`${FACTS} has no heading ${number}`);
  return heading.anchor;
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(heads: string[], lines: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.map(cell => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...lines.map(line)];
}
