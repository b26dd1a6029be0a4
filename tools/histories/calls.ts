import type { RoleType, TemplateRole } from './roles';
import type { Permission } from '../../src/private/permissions';
import { PERMISSIONS } from '../../src/private/permissions';
import { allows, trusts } from '../../test/support/iam';
import type { Call, Pair } from '../permissions/principal';
import { explain } from '../permissions/purposes';

const LAUNCHING: Permission[] = [
  ...Object.values(PERMISSIONS.microvmHandler), PERMISSIONS.imageGrants.run, ...Object.values(PERMISSIONS.launcherGrants),
];

/** The permissions that the statements of each type of role grant. */
const PERMISSIONS_OF: Record<RoleType, Permission[]> = {
  'image': Object.values(PERMISSIONS.imageHandler),
  'connector': [...Object.values(PERMISSIONS.connectorHandler), ...Object.values(PERMISSIONS.connectorCaller)],
  'microvm': LAUNCHING,
  'launch check': LAUNCHING,
  'function': Object.values(PERMISSIONS.provider),
};

interface RecordedCall {
  readonly role: TemplateRole;
  readonly call: Call;
}

/** Records the calls of the handlers, each once for each role. */
export class CallLog {
  private readonly calls = new Map<string, RecordedCall>();
  private readonly assumed = new Map<string, { readonly role: TemplateRole; readonly by: string }>();

  public record(role: TemplateRole, call: Call): void {
    const key = `${role.principal.arn} ${role.principal.keyOf(call)}`;
    if (!this.calls.has(key)) this.calls.set(key, { role, call });
  }

  public recordAssumed(role: TemplateRole, by: string): void {
    this.assumed.set(`${role.principal.arn} ${by}`, { role, by });
  }

  public size(type: RoleType): number {
    return this.of(type).length;
  }

  /**
   * Returns pairs of action and resource that no call needs, because none uses them or another pair allows the same
   * calls.
   */
  public unnecessaryPairs(type: RoleType): string[] {
    const recorded = this.of(type);
    const labels = new Set(this.roles(type).flatMap(role => role.principal.allPairs().map(pair => label(role, pair))));
    for (const { role, call } of recorded) {
      const pairs = role.principal.allowedBy(call);
      if (pairs.length === 1) labels.delete(label(role, pairs[0]));
    }
    return [...labels].sort();
  }

  /** Returns statements without which every call would still be allowed. A deny allows no call. */
  public unnecessaryStatements(type: RoleType): string[] {
    const purposes = new Map<string, boolean>(this.roles(type).flatMap(role => role.principal.statements
      .flatMap(({ Effect: effect }, index) => effect === 'Deny' ? [] : [[purpose(role, index), false] as const])));
    for (const role of this.roles(type)) {
      const own = this.of(type).filter(recorded => recorded.role === role);
      role.principal.statements.forEach((_, index) => {
        if (purposes.get(purpose(role, index))) return;
        const others = role.principal.without(index);
        if (own.some(({ call }) => !others.may(call))) purposes.set(purpose(role, index), true);
      });
    }
    return [...purposes].filter(([, isNeeded]) => !isNeeded).map(([name]) => name);
  }

  /** Returns calls that are not allowed, or not even possible, according to the service authorization data. */
  public async invalidCalls(type: RoleType): Promise<Call[]> {
    const wrong = [];
    for (const { role: { principal }, call } of this.of(type)) {
      if (!await allows([{ Version: '2012-10-17', Statement: principal.statements }], call as any, { principal: principal.arn })) wrong.push(call);
    }
    return wrong;
  }

  /** Returns roles whose trust policies do not allow the roles that assumed them. */
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

  private of(type: RoleType): RecordedCall[] {
    return [...this.calls.values()].filter(({ role }) => role.type === type);
  }

  private roles(type: RoleType): TemplateRole[] {
    return [...new Set(this.of(type).map(({ role }) => role))];
  }
}

function label(role: TemplateRole, { statement, action, resource }: Pair): string {
  const resources = role.principal.statements[statement].Resource;
  const place = Array.isArray(resources) ? ` (resource ${resources.indexOf(resource) + 1})` : '';
  return `${purpose(role, statement)}: ${action}${place}`;
}

function purpose({ type, principal }: TemplateRole, statement: number): string {
  return explain(principal.statements, PERMISSIONS_OF[type])[statement].map(permission => permission.purpose).join('; ');
}
