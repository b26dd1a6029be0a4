import type { Operation, Reference, ServiceModel, Shape } from './botocore';

/** Operations of functions with runtimes of their own, which have nothing to do with MicroVMs. */
const UNRELATED = /Runtime/;

/**
 * Returns the text of models: one block for each operation, with one line for its input and one for its output.
 *
 * `*` marks a required member. The range, the pattern and the values of a member follow its type.
 */
export function textOf(models: Record<string, ServiceModel>): string {
  return Object.entries(models).map(([service, model]) => [`##### ${service}\n`, ...blocksOf(model), ''].join('\n')).join('');
}

function blocksOf({ operations, shapes }: ServiceModel): string[] {
  return Object.keys(operations).filter(name => !UNRELATED.test(name)).sort().map(name => blockOf(name, operations[name], shapes));
}

function blockOf(name: string, operation: Operation, shapes: Record<string, Shape>): string {
  const { method, requestUri, responseCode = 200 } = operation.http;
  const errors = (operation.errors ?? []).map(({ shape }) => shape.replace('Exception', '')).join(',');
  // The words are those of Python, because the text was first written by a program in Python.
  const idempotent = operation.idempotent ? 'True' : 'False';
  const members = (label: string, reference?: Reference) => reference === undefined ? [] : [
    `  ${label}: ${membersOf(shapes, reference.shape, '', false, []).join('; ')}`,
  ];
  return [
    `@@ ${name} ${method} ${requestUri} -> ${responseCode} idem=${idempotent} errors=${errors}`,
    ...members('IN ', operation.input), ...members('OUT', operation.output), '',
  ].join('\n');
}

/** Returns the members of a shape with their paths. The members of a shape that contains itself appear once. */
function membersOf(shapes: Record<string, Shape>, name: string, path: string, required: boolean, outer: readonly string[]): string[] {
  const shape = shapes[name];
  const star = required ? '*' : '';
  switch (shape.type) {
    case 'structure': {
      const itself = path === '' ? [] : [`${path}${star}{${shape.union ? 'UNION' : ''}}`];
      if (outer.includes(name)) return itself;
      return [...itself, ...Object.entries(shape.members ?? {}).flatMap(([member, reference]) => {
        const isRequired = (shape.required ?? []).includes(member);
        const [first, ...others] = membersOf(shapes, reference.shape, path === '' ? member : `${path}.${member}`, isRequired, [...outer, name]);
        return [first + placeOf(member, reference), ...others];
      })];
    }
    case 'list': {
      const item = shapes[shape.member!.shape];
      if (!['structure', 'list', 'map'].includes(item.type)) return [inOne(`${path}${star}[]`, limitsOf(shape), 'of', item.type, limitsOf(item))];
      return [inOne(`${path}${star}[]`, limitsOf(shape)), ...membersOf(shapes, shape.member!.shape, `${path}[]`, false, outer).slice(1)];
    }
    case 'map':
      return [inOne(`${path}${star} map`, limitsOf(shape), 'key', limitsOf(shapes[shape.key!.shape]), 'value', limitsOf(shapes[shape.value!.shape]))];
    default:
      return [inOne(`${path}${star} ${shape.type}`, limitsOf(shape))];
  }
}

/** Where a request carries a member, unless that is the body. */
function placeOf(member: string, { location, locationName = member }: Reference): string {
  return location === undefined ? '' : ` [${location}:${locationName}]`;
}

function limitsOf({ min, max, pattern, enum: values, sensitive }: Shape): string {
  return inOne(
    min === undefined && max === undefined ? '' : `${min ?? ''}..${max ?? ''}`,
    pattern === undefined ? '' : `/${pattern}/`,
    values?.join('|') ?? '',
    sensitive ? 'sensitive' : '',
  );
}

function inOne(...parts: string[]): string {
  return parts.filter(part => part !== '').join(' ');
}

/** An operation as the text describes it. */
export interface OperationText {
  readonly service: string;
  readonly name: string;
  readonly method: string;
  readonly uri: string;
  readonly header: string;
  readonly input: readonly MemberText[];
  readonly output: readonly MemberText[];
}

export interface MemberText {
  /** For example `hooks.microvmHooks.run` or `cpuConfigurations[].architecture`. */
  readonly path: string;
  /** Everything that the text says about the member, its path included. */
  readonly text: string;
  /** The name of the parameter in the path of the request or in its query, for members that are not in the body. */
  readonly parameter?: { readonly place: 'uri' | 'querystring'; readonly name: string };
}

/** Reads a text that `textOf` has written. */
export function parse(text: string): OperationText[] {
  const found: OperationText[] = [];
  let service = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('##### ')) service = line.slice(6);
    if (line.startsWith('@@ ')) found.push({ ...headerOf(line), service, input: [], output: [] });
    const operation = found[found.length - 1];
    const part = /^ {2}(IN |OUT): (.*)$/.exec(line);
    if (part) found[found.length - 1] = { ...operation, [part[1] === 'OUT' ? 'output' : 'input']: part[2] === '' ? [] : part[2].split('; ').map(memberOf) };
  }
  return found;
}

function headerOf(line: string): Pick<OperationText, 'name' | 'method' | 'uri' | 'header'> {
  const [name, method, uri] = line.slice(3).split(' ');
  return { name, method, uri, header: line.slice(3) };
}

function memberOf(text: string): MemberText {
  const path = /^[^ *{]+?(?=\*|\{|\[\](?: |$)| |$)/.exec(text)![0];
  const place = / \[(uri|querystring):([^\]]+)\]$/.exec(text);
  return { path, text, ...(place ? { parameter: { place: place[1] as 'uri' | 'querystring', name: place[2] } } : {}) };
}
