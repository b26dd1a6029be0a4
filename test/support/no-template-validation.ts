/**
 * Replaces the engine with which aws-cdk-lib validates templates against the schemas of CloudFormation, because it
 * takes seconds to load in each test file. The real engine validates the templates of the integration apps, and its
 * warnings fail the gate (tools/gate/snapshots.ts).
 */
export class RegoEngine {
  public listRules(): never[] {
    return [];
  }

  public validateDetailed(): { diagnostics: never[] } {
    return { diagnostics: [] };
  }
}

export class TemplateFile {}

export function version(): string {
  return 'none';
}
