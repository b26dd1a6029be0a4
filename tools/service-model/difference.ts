import type { MemberText, OperationText } from './text';
import { parse } from './text';

/**
 * Returns what changed between two texts, in lines for people; no lines if nothing did.
 *
 * A line with `-` has what only the old text says, and a line with `+` what only the new one says.
 */
export function difference(old: string, current: string): string[] {
  const [before, after] = [byName(old), byName(current)];
  const lines = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap(name => ofOperation(before.get(name), after.get(name)));
  return lines.length > 0 || old === current ? lines : ['The texts differ in their form only.'];
}

function byName(text: string): Map<string, OperationText> {
  return new Map(parse(text).map(operation => [`${operation.service} ${operation.name}`, operation]));
}

function ofOperation(before?: OperationText, after?: OperationText): string[] {
  const { service, name } = (after ?? before)!;
  const title = `${service} ${name}`;
  if (before === undefined) return [`${title}: new operation`, ...linesOf('+', [after!.header, ...after!.input.map(({ text }) => text)])];
  if (after === undefined) return [`${title}: the operation is no longer in the model`];
  return [
    ...section(title, before.header === after.header ? [] : [...linesOf('-', [before.header]), ...linesOf('+', [after.header])]),
    ...section(`${title}, input`, ofMembers(before.input, after.input)),
    ...section(`${title}, output`, ofMembers(before.output, after.output)),
  ];
}

function ofMembers(before: readonly MemberText[], after: readonly MemberText[]): string[] {
  const paths = [...new Set([...before, ...after].map(({ path }) => path))];
  const textAt = (members: readonly MemberText[], path: string) => members.filter(member => member.path === path).map(({ text }) => text);
  return paths.flatMap(path => {
    const [left, right] = [textAt(before, path), textAt(after, path)];
    return left.join() === right.join() ? [] : [...linesOf('-', left), ...linesOf('+', right)];
  });
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function linesOf(sign: string, texts: readonly string[]): string[] {
  return texts.map(text => `  ${sign} ${text}`);
}
