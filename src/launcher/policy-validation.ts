import type {
  IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolatingResource, PolicyViolation,
} from 'aws-cdk-lib';
import type { MicrovmPolicyValidationProps } from './policy-props';
import { requestsOf } from './policy-requests';
import type { LogGroupRetention } from './policy-rules';
import { NO_OWN_CONNECTORS, RULES, UNREADABLE } from './policy-rules';
import type { TemplateFile } from './policy-templates';
import { connectorsIn, retentionIn, templatesOf } from './policy-templates';
import { THIS_COPY } from '../private/library-copy';
import { BOOLEAN, checkProps, DURATION, NUMBER, TEXTS } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

const TYPES: PropertyTypes<MicrovmPolicyValidationProps> = {
  allowInternetEgress: BOOLEAN,
  allowInternetBuilds: BOOLEAN,
  allowedEgressConnectors: TEXTS,
  allowConnectorCreation: BOOLEAN,
  allowShell: BOOLEAN,
  maximumDuration: DURATION,
  requireIdlePolicy: BOOLEAN,
  requireLogs: BOOLEAN,
  minimumLogRetention: NUMBER,
  maximumLogRetention: NUMBER,
  allowAcknowledgments: BOOLEAN,
};

/**
 * Validates the templates of an app against the rules of a platform team, at the end of synthesis. Synth fails if a
 * rule is violated, and reports the resource and the fix.
 *
 * The rules read the final templates, after aspects and overrides. They cover images and launches of this library, the
 * L1 `CfnMicrovmImage`, `RunMicrovm` states of Step Functions, and launch requests anywhere in the properties of
 * resources, such as environment variables, parameters and task definitions.
 *
 * The rules do not see requests that a backend composes at run time, that are in files, or that another app defines.
 * They are a check for developers, and no access control: to enforce network rules, use a `NetworkConnectorGuardrail`.
 *
 * @example
 * import { App, Duration, Validations, aws_logs as logs } from 'aws-cdk-lib';
 * import { MicrovmPolicyValidation } from 'cdk-lambda-microvms';
 *
 * const app = new App();
 * Validations.of(app).addPlugins(new MicrovmPolicyValidation({
 *   maximumDuration: Duration.hours(4),
 *   maximumLogRetention: logs.RetentionDays.ONE_YEAR,
 *   allowedEgressConnectors: ['${ssm:/network-connectors/platform/*}'],
 *   allowConnectorCreation: false,
 * }));
 */
export class MicrovmPolicyValidation implements IPolicyValidationPlugin {
  /**
   * The name of the plugin in reports.
   */
  public readonly name: string = 'cdk-lambda-microvms';

  /**
   * The version of this library.
   */
  public readonly version?: string = THIS_COPY.version;

  /**
   * The names of all rules.
   */
  public readonly ruleIds?: string[] = [...Object.keys(RULES), NO_OWN_CONNECTORS.name, UNREADABLE.name].sort();

  public constructor(private readonly props: MicrovmPolicyValidationProps = {}) {
    checkProps(undefined, props, TYPES);
  }

  /**
   * Validates templates. The CDK calls this method.
   */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const templates = templatesOf(context);
    const violations = new Violations(this.props.allowAcknowledgments ?? true);
    for (const template of templates) this.validateTemplate(template, name => retentionIn(template, templates, name), violations);
    return { success: violations.all.length === 0, violations: violations.all };
  }

  private validateTemplate(template: TemplateFile, retention: LogGroupRetention, violations: Violations): void {
    const at = (resourceLogicalId: string, location: string) => ({ resourceLogicalId, templatePath: template.path, locations: [location] });
    if (this.props.allowConnectorCreation === false) {
      connectorsIn(template).forEach(logicalId => violations.add(NO_OWN_CONNECTORS, at(logicalId, 'Type')));
    }
    for (const [logicalId, resource] of Object.entries(template.resources)) {
      for (const request of requestsOf(logicalId, resource, template.parameters)) {
        const where = at(logicalId, request.location);
        if (!('egress' in request)) {violations.add(UNREADABLE, where);} else {
          for (const [name, { fix, check }] of Object.entries(RULES)) {
            const description = check(request, this.props, retention);
            if (description) violations.add({ name, description, fix }, where);
          }
        }
      }
    }
  }
}

/** The violations of a report, one for each rule and description. */
class Violations {
  private readonly byText = new Map<string, PolicyViolation>();

  public constructor(private readonly canBeAcknowledged: boolean) {}

  public get all(): PolicyViolation[] {
    return [...this.byText.values()];
  }

  public add({ name, description, fix }: { name: string; description: string; fix: string }, where: PolicyViolatingResource): void {
    const known = this.byText.get(`${name}: ${description}`);
    this.byText.set(`${name}: ${description}`, {
      ruleName: name,
      description,
      fix,
      severity: this.canBeAcknowledged ? 'error' : 'fatal',
      violatingResources: [...known?.violatingResources ?? [], where],
    });
  }
}
