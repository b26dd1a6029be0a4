import type { ResourceType, TemplateRole } from './roles';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { allows, trusts } from '../../test/support/iam';
import type { Call, Pair } from '../permissions/principal';
import { explain } from '../permissions/purposes';

const LAUNCHING: Permission[] = [
  ...Object.values(PERMISSIONS.microvmHandler), PERMISSIONS.imageGrants.run, ...Object.values(PERMISSIONS.launcherGrants),
];

/** What the statements of each kind of role stand for. */
const PERMISSIONS_OF: Record<ResourceType, Permission[]> = {
  'image': Object.values(PERMISSIONS.imageHandler),
  'connector': Object.values(PERMISSIONS.connectorHandler),
  'microvm': LAUNCHING,
  'launch check': LAUNCHING,
  'provider': Object.values(PERMISSIONS.provider),
};

interface Noted {
  readonly role: TemplateRole;
  readonly call: Call;
}

/** All calls that handlers made, each once for each role. */
export class CallLog {
  private readonly calls = new Map<string, Noted>();
  private readonly assumed = new Map<string, { readonly role: TemplateRole; readonly by: string }>();

  public note(role: TemplateRole, call: Call): void {
    const key = `${role.principal.arn} ${role.principal.keyOf(call)}`;
    if (!this.calls.has(key)) this.calls.set(key, { role, call });
  }

  public noteAssumed(role: TemplateRole, by: string): void {
    this.assumed.set(`${role.principal.arn} ${by}`, { role, by });
  }

  public size(kind: ResourceType): number {
    return this.of(kind).length;
  }

  /** Pairs of action and resource that no call needs: either none uses it, or each that does is allowed by another one too. */
  public needlessPairs(kind: ResourceType): string[] {
    const noted = this.of(kind);
    const labels = new Set(this.roles(kind).flatMap(role => role.principal.allPairs().map(pair => label(role, pair))));
    for (const { role, call } of noted) {
      const pairs = role.principal.allowedBy(call);
      if (pairs.length === 1) labels.delete(label(role, pairs[0]));
    }
    return [...labels].sort();
  }

  /** Statements without which every call would still be allowed. */
  public needlessStatements(kind: ResourceType): string[] {
    const purposes = new Map(this.roles(kind).flatMap(role => role.principal.statements.map((_, index) => [purpose(role, index), false])));
    for (const role of this.roles(kind)) {
      const own = this.of(kind).filter(noted => noted.role === role);
      role.principal.statements.forEach((_, index) => {
        if (purposes.get(purpose(role, index))) return;
        const others = role.principal.without(index);
        if (own.some(({ call }) => !others.may(call))) purposes.set(purpose(role, index), true);
      });
    }
    return [...purposes].filter(([, isNeeded]) => !isNeeded).map(([name]) => name);
  }

  /** Calls that are not allowed, or not even possible, by the service authorization data. */
  public async invalidCalls(kind: ResourceType): Promise<Call[]> {
    const wrong = [];
    for (const { role: { principal }, call } of this.of(kind)) {
      if (!await allows([{ Version: '2012-10-17', Statement: principal.statements }], call as any, { principal: principal.arn })) wrong.push(call);
    }
    return wrong;
  }

  /** Roles that do not let in those who assumed them. */
  public async untrusted(): Promise<string[]> {
    const wrong = [];
    const checked = new Set<string>();
    for (const { role, by } of this.assumed.values()) {
      const key = JSON.stringify([role.trust, by]);
      if (!checked.has(key) && !await trusts(role.trust, by, 'sts:AssumeRole')) wrong.push(`${role.principal.arn} by ${by}`);
      checked.add(key);
    }
    return wrong;
  }

  private of(kind: ResourceType): Noted[] {
    return [...this.calls.values()].filter(({ role }) => role.kind === kind);
  }

  private roles(kind: ResourceType): TemplateRole[] {
    return [...new Set(this.of(kind).map(({ role }) => role))];
  }
}

function label(role: TemplateRole, { statement, action, resource }: Pair): string {
  const resources = role.principal.statements[statement].Resource;
  const place = Array.isArray(resources) ? ` (resource ${resources.indexOf(resource) + 1})` : '';
  return `${purpose(role, statement)}: ${action}${place}`;
}

function purpose({ kind, principal }: TemplateRole, statement: number): string {
  return explain(principal.statements, PERMISSIONS_OF[kind])[statement].map(permission => permission.purpose).join('; ');
}
