/** An object of a template, as JSON. */
export type TemplateObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is TemplateObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * Returns a text of a template, in which `${...}` stands for what only the deployment knows: `${LogicalId}`,
 * `${LogicalId.Attribute}`. Of `Fn::If`, it contains both texts. Undefined if the value is not a text.
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!isObject(value)) return undefined;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  if (others.length > 0) return undefined;
  if (name === 'Ref') return `\${${String(argument)}}`;
  if (!name.startsWith('Fn::')) return undefined;
  return TEXTS[name]?.(argument) ?? `\${${name}}`;
}

/** Returns the texts in a list of a template. */
export function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(item => textOf(item) ?? []);
  if (isObject(value) && Array.isArray(value['Fn::If'])) return value['Fn::If'].slice(1).flatMap(textsOf);
  return textOf(value) === undefined ? [] : [textOf(value)!];
}

/** Returns a text of a template, with a value in place of each reference to what only the deployment knows. */
export function textWith(value: unknown, valueOf: (reference: string) => string): string {
  if (typeof value === 'string') return value;
  const [[name, argument] = ['', undefined]] = Object.entries(value ?? {}) as [string, any][];
  switch (name) {
    case 'Ref': return valueOf(argument);
    case 'Fn::GetAtt': return valueOf([argument].flat().join('.'));
    case 'Fn::Join': {
      const [separator, parts] = argument;
      return Array.isArray(parts) ? parts.map(part => textWith(part, valueOf)).join(separator) : valueOf(name);
    }
    case 'Fn::Sub': {
      const [text, variables = {}] = [argument].flat();
      return text.replace(/\$\{([^}]+)\}/g, (_: string, reference: string) => {
        if (reference.startsWith('!')) return `\${${reference.slice(1)}}`;
        return reference in variables ? textWith(variables[reference], valueOf) : valueOf(reference);
      });
    }
    default: return valueOf(name);
  }
}

const TEXTS: Record<string, (argument: unknown) => string | undefined> = {
  'Fn::GetAtt': argument => `\${${Array.isArray(argument) ? argument.join('.') : String(argument)}}`,
  'Fn::Join': argument => {
    const [separator, parts] = Array.isArray(argument) ? argument : [];
    return Array.isArray(parts) ? textsOf(parts).join(String(separator)) : undefined;
  },
  'Fn::Sub': argument => {
    const [text, values] = Array.isArray(argument) ? argument : [argument, {}];
    return Object.entries(values as TemplateObject).reduce((result, [name, value]) => result.replaceAll(`\${${name}}`, textOf(value) ?? ''), String(text));
  },
  'Fn::If': argument => Array.isArray(argument) ? argument.slice(1).map(branch => textOf(branch) ?? '').join('|') : undefined,
};
