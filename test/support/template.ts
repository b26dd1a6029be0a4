import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ACCOUNT, REGION } from './stacks';

/** The values that a deployment determines. */
export interface Deployment {
  readonly stackId: string;
  readonly region: string;
  /** The prefix of generated physical names. */
  readonly namePrefix: string;
}

export const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Test/uuid`;
const DEPLOYMENT: Deployment = { stackId: STACK_ID, region: REGION, namePrefix: 'physical' };

/** A template that evaluates its intrinsic functions as a deployment would. */
export class ResolvedTemplate {
  public static stack(stack: Stack): ResolvedTemplate {
    return ResolvedTemplate.template(Template.fromStack(stack).toJSON());
  }

  public static template(template: any, deployment = DEPLOYMENT): ResolvedTemplate {
    return new ResolvedTemplate(template, deployment);
  }

  private constructor(private readonly template: any, private readonly deployment: Deployment) {}

  public ids(type: string, part = ''): string[] {
    return Object.keys(this.template.Resources).filter(id => this.template.Resources[id].Type === type && id.includes(part));
  }

  public resource(type: string, part = ''): any {
    const ids = this.ids(type, part);
    if (ids.length !== 1) throw new Error(`${ids.length} resources of type ${type} with '${part}': ${ids.join(', ')}`);
    return this.resolve(this.template.Resources[ids[0]]);
  }

  /** Returns all policies of a role: the inline policies, and the policies that are attached to it. */
  public policiesOf(rolePart: string): any[] {
    const [roleId, ...others] = this.ids('AWS::IAM::Role', rolePart);
    if (!roleId || others.length > 0) throw new Error(`no role or several with '${rolePart}': ${this.ids('AWS::IAM::Role').join(', ')}`);
    const inline = this.template.Resources[roleId].Properties.Policies ?? [];
    const attached = this.ids('AWS::IAM::Policy')
      .map(id => this.template.Resources[id].Properties)
      .filter(policy => JSON.stringify(policy.Roles).includes(`"${roleId}"`));
    return [...inline, ...attached].map(policy => this.resolve(policy.PolicyDocument));
  }

  public resolve(value: any): any {
    if (Array.isArray(value)) return value.map(item => this.resolve(item));
    if (value === null || typeof value !== 'object') return value;
    if (value.Ref) return this.ref(value.Ref);
    if (value['Fn::GetAtt']) return this.attribute(value['Fn::GetAtt']);
    if (value['Fn::Join']) return this.resolve(value['Fn::Join'][1]).join(value['Fn::Join'][0]);
    if (value['Fn::Split']) return this.resolve(value['Fn::Split'][1]).split(value['Fn::Split'][0]);
    if (value['Fn::Select']) return this.resolve(value['Fn::Select'][1])[value['Fn::Select'][0]];
    if (value['Fn::FindInMap']) return this.mapped(value['Fn::FindInMap']);
    if (value['Fn::Sub']) {
      const [text, variables = {}] = [value['Fn::Sub']].flat();
      return text.replace(/\$\{([^}]+)\}/g, (_: string, name: string) => name in variables ? this.resolve(variables[name]) : this.substituted(name));
    }
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.resolve(member)]));
  }

  /** Returns a value in the notation of `Fn::Sub`. */
  private substituted(name: string): string {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    const [id, attribute] = name.split('.');
    return attribute === undefined ? this.ref(id) : this.attribute([id, attribute]);
  }

  private mapped([mapping, entry, name]: [string, string, string]): string {
    return this.template.Mappings[mapping][entry][name];
  }

  private ref(id: string): string {
    const { region, stackId } = this.deployment;
    const pseudo: Record<string, string> = {
      'AWS::Partition': 'aws',
      'AWS::AccountId': ACCOUNT,
      'AWS::Region': region,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackId': stackId,
    };
    if (pseudo[id]) return pseudo[id];
    switch (this.template.Resources[id]?.Type) {
      case 'AWS::Lambda::NetworkConnector': return `arn:aws:lambda:${region}:${ACCOUNT}:network-connector:nc-${id}`;
      case 'AWS::StepFunctions::StateMachine': return `arn:aws:states:${region}:${ACCOUNT}:stateMachine:${this.template.Resources[id].Properties.StateMachineName ?? this.nameOf(id)}`;
      default: return this.nameOf(id);
    }
  }

  private attribute([id, name]: [string, string]): string {
    const { region } = this.deployment;
    const type = this.template.Resources[id].Type;
    if (type === 'Custom::MicrovmImage' && name === 'ImageArn') return `arn:aws:lambda:${region}:${ACCOUNT}:microvm-image:${this.resolve(this.template.Resources[id].Properties.ImageName)}`;
    if (type === 'AWS::Lambda::MicrovmImage' && name === 'ImageArn') return `arn:aws:lambda:${region}:${ACCOUNT}:microvm-image:${this.resolve(this.template.Resources[id].Properties.Name)}`;
    if (type === 'AWS::Lambda::NetworkConnector' && name === 'Arn') return this.ref(id);
    if (name === 'ConnectorArn') return `arn:aws:lambda:${region}:${ACCOUNT}:network-connector:nc-${id}`;
    if (type === 'AWS::EC2::SecurityGroup' && name === 'GroupId') return `sg-${id}`;
    if (type === 'AWS::IAM::Role') return `arn:aws:iam::${ACCOUNT}:role/${this.resolve(this.template.Resources[id].Properties.RoleName ?? this.nameOf(id))}`;
    if (type === 'AWS::Logs::LogGroup') return `arn:aws:logs:${region}:${ACCOUNT}:log-group:${this.nameOf(id)}:*`;
    if (type === 'AWS::Lambda::Function') return `arn:aws:lambda:${region}:${ACCOUNT}:function:${this.nameOf(id)}`;
    if (type === 'AWS::KMS::Key') return `arn:aws:kms:${region}:${ACCOUNT}:key/${this.nameOf(id)}`;
    if (type === 'AWS::S3::Bucket') return `arn:aws:s3:::${this.nameOf(id)}`;
    if (type === 'AWS::ECR::Repository') return `arn:aws:ecr:${region}:${ACCOUNT}:repository/${this.nameOf(id)}`;
    return `arn:aws:any:${region}:${ACCOUNT}:${id}/${name}`;
  }

  private nameOf(id: string): string {
    return `${this.deployment.namePrefix}-${id}`;
  }
}
