import { persons } from './matrix';
import { listOf } from './principal';
import type { Statement } from './principal';
import type { SamplePrincipal } from './principals';
import { PRINCIPALS, roleOf } from './principals';
import { explain } from './purposes';
import type { Sample } from './sample';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { ACCOUNT, REGION } from '../../test/support/stacks';

/** PERMISSIONS.md: all that is allowed to anybody by this library, from the templates of the sample. */
export function page(sample: Sample): string {
  return [
    '# Permissions',
    '',
    'Written by `npm run permissions -- --update` from the templates of a sample ([tools/permissions/sample.ts](tools/permissions/sample.ts)): an image `app` with a',
    'launcher, a MicroVM, a launch check and a workflow, and a network connector `internal`, each in a stack of its team. The tests compare it, and show by',
    'policy simulation that each role may do all that is done with it, that no statement could be left out, and that nobody may do anything else.',
    'Service facts are those that the library was built from; their numbers are given for its authors.',
    '',
    ...PRINCIPALS.flatMap(principal => [...section(sample, principal), '']),
    ...guardrail(),
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

function guardrail(): string[] {
  const { bounds: { boundary } } = persons().persons.find(person => person.bounds.boundary !== undefined)!;
  return [
    '## `NetworkConnectorGuardrail`: the boundary',
    '',
    'The deny policy and the service control policy have the denies but for those with the keys of permissions boundaries.',
    '',
    ...rows(boundary.Statement, Object.values(PERMISSIONS.guardrail)),
  ];
}

function rows(statements: readonly Statement[], permissions: readonly Permission[]): string[] {
  const reasons = explain(statements, permissions);
  const all = (names: string[] | string | undefined, butFor: string[] | string | undefined) =>
    `${butFor === undefined ? '' : 'all but '}${listOf(names ?? butFor).map(name => code(general(name))).join(', ')}`;
  return table(['action', 'resource', 'condition', 'why'], statements.map((statement, index) => [
    `${statement.Effect === 'Deny' ? '**deny** ' : ''}${all(statement.Action, statement.NotAction)}`,
    all(statement.Resource, statement.NotResource),
    conditionsOf(statement).map(code).join(', ') || '–',
    reasons[index].map(({ purpose, star }) => [purpose, ...isStarred(statement) && star !== undefined ? [star] : []].join('; ')).join('. '),
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

/** Pairs of action and resource that nothing is known to need. */
function beyond(sample: Sample): string[] {
  return [
    '## Allowed, and not known to be needed',
    '',
    '- Passing versions of a connector (`<arn>:*`): the service may check the ARN with or without a version, which was not measured for MicroVMs.',
    '- `logs:DescribeLogStreams` on both forms of a log group\'s ARN: which one the service checks was not measured.',
    '- Versions of functions, in what aws-cdk-lib\'s provider framework and `LambdaInvoke` add: their grants cannot be told to leave them out.',
    `- Whoever may create an image or a connector with owner tags (${[['TeamA', 'AppResourceRole'], ['Network', 'InternalResourceRole']]
      .map(([stack, beginning]) => code(sample.role(stack as 'TeamA', beginning).logicalId.replace(/([0-9A-F]{8}){1,2}$/, ''))).join(', ')}) may put these tags on`,
    '  anything in Lambda that has no owner yet: the tags of a request to create are authorized on `*`.',
  ];
}

function serviceCalls(sample: Sample): string[] {
  const roles = PRINCIPALS.filter(({ title }) => /^An? (build|execution|operator) role/.test(title));
  return [
    '## What the service does with the roles that it assumes',
    '',
    'On the local AWS the simulated service reads the code, writes logs and makes network interfaces with them, under IAM; the others are simulated as policies.',
    '',
    ...table(['role', 'action', 'on', 'known from'], roles.flatMap(principal => principal.needs!(sample).map(({ action, resource, source }) =>
      [principal.title.replace(/:.*/, ''), code(action), code(general(resource)), source]))),
  ];
}

/** Without what differs from stack to stack. */
function general(text: string): string {
  return text.replace(new RegExp(`\\b${REGION}\\b`, 'g'), '<region>').replace(new RegExp(ACCOUNT, 'g'), '<account>').replace('111122223333', '<account>')
    .replace(/\b(TeamA|Network)-(?=[A-Z])/g, '').replace(/([a-z])([0-9A-F]{8}){1,2}\b/g, '$1').replace(/uuid-of-\w+/, '<stack uuid>').replace(/-[0-9A-F]{8}-[0-9A-F]{8}-/, '-<hash>-');
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(heads: string[], lines: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.map(cell => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...lines.map(line)];
}
