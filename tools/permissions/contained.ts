import type { Sample, SampleRole } from './sample';
import { universe } from './universe';

/** An action that a role may take on a resource of the universe. */
export interface Ability {
  readonly role: SampleRole;
  readonly thing: string;
  readonly action: string;
}

/** All abilities of the roles of the sample, by policy simulation. */
export function abilitiesIn(sample: Sample): Ability[] {
  const things = universe(sample);
  return sample.roles.flatMap(role => things.flatMap(({ name, resource, actions, context = {} }) => actions
    .filter(action => role.principal.may({ action, resource, context }))
    .map(action => ({ role, thing: name, action }))));
}

/** The content of test/permissions/contained.txt: all abilities, in the order of the sample. */
export function listing(sample: Sample): string {
  const abilities = abilitiesIn(sample);
  const things = universe(sample).map(({ name }) => name);
  const sections = sample.roles.map(role => {
    const own = abilities.filter(ability => ability.role === role);
    const lines = things.flatMap(name => {
      const actions = own.filter(({ thing }) => thing === name).map(({ action }) => action);
      return actions.length === 0 ? [] : [`  ${name}: ${actions.join(', ')}`];
    });
    return [`${role.stack} ${role.logicalId.replace(/([0-9A-F]{8}){1,2}$/, '')}`, ...lines].join('\n');
  });
  return `${sections.join('\n\n')}\n`;
}
