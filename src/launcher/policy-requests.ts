import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LONGEST_LIFETIME_SECONDS } from './idle-policy';
import { MICROVM_IMAGE_RESOURCE_TYPE } from '../contract/image';
import { overrideRequest } from '../contract/request-overrides';
import type { TemplateObject } from '../private/template-text';
import { isObject, textOf, textsOf } from '../private/template-text';

/** What a template launches, or builds: the same members have the same meaning in both requests. */
export interface FoundRequest {
  readonly logicalId: string;
  /** The path of the request in the template. */
  readonly location: string;
  readonly isBuild: boolean;
  /** ARNs of the egress connectors. Without any, the service gives access to the internet. */
  readonly egress: string[];
  readonly ingress: string[];
  /** Undefined if only the deployment knows it. */
  readonly maximumSeconds: number | undefined;
  readonly hasIdlePolicy: boolean;
  readonly logGroup: string | undefined;
  readonly isLoggingDisabled: boolean;
}

/** A text that contains a launch request and is not JSON. */
export interface UnreadableRequest {
  readonly logicalId: string;
  readonly location: string;
}

/** The members of RunMicrovm, besides that of the image, which other requests have too. */
const LAUNCH_MEMBERS = ['executionRoleArn', 'ingressNetworkConnectors', 'egressNetworkConnectors', 'idlePolicy', 'maximumDurationInSeconds', 'runHookPayload'];

const RUN_MICROVM = /:runMicrovm(\.\w+)?$/;

/**
 * Finds the requests of a resource: the properties of images, and launch requests anywhere in the properties, as JSON
 * or as an object. So it does not matter how a request got there: by a launcher, by an L1, or by hand.
 */
export function requestsOf(logicalId: string, resource: TemplateObject, parameters: TemplateObject): (FoundRequest | UnreadableRequest)[] {
  const { Type: type, Properties: properties } = resource;
  if (!isObject(properties)) return [];
  const readAs = (request: TemplateObject, location: string, isBuild: boolean) => found({ logicalId, location, isBuild }, request, parameters);
  if (type === MICROVM_IMAGE_RESOURCE_TYPE) return [readAs(ownImage(properties), 'Properties', true)];
  if (type === lambda.CfnMicrovmImage.CFN_RESOURCE_TYPE_NAME) return [readAs(properties, 'Properties', true)];
  const overrides = textOf(properties.RequestOverrides);
  return search(properties, 'Properties')
    .map(({ location, request }) => request ? readAs(overridden(request, overrides), location, false) : { logicalId, location });
}

/** The request that the handler builds from the properties of an image. */
function ownImage({ BuildEgressArn, LogGroupName, RequestOverrides }: TemplateObject): TemplateObject {
  return overridden({
    egressNetworkConnectors: [BuildEgressArn],
    logging: LogGroupName === undefined ? { disabled: {} } : { cloudWatch: { logGroup: LogGroupName } },
  }, textOf(RequestOverrides));
}

function overridden(request: TemplateObject, overrides: string | undefined): TemplateObject {
  const values = overrides === undefined ? undefined : parsed(overrides);
  return isObject(values) ? overrideRequest(request, values) : request;
}

interface Place {
  readonly location: string;
  /** Absent if the text is not JSON. */
  readonly request?: TemplateObject;
}

function search(value: unknown, location: string): Place[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => search(item, `${location}/${index}`));
  const text = textOf(value);
  if (text !== undefined) return searchText(text, location);
  if (!isObject(value)) return [];
  if (isLaunch(value)) return [{ location, request: value }];
  if (RUN_MICROVM.test(textOf(value.Resource) ?? '')) {
    const request = value.Arguments ?? value.Parameters;
    return [{ location, request: isObject(request) ? request : {} }];
  }
  return Object.entries(value).flatMap(([name, member]) => search(member, `${location}/${name}`));
}

function searchText(text: string, location: string): Place[] {
  if (!/imageIdentifier"|:runMicrovm/i.test(text)) return [];
  const value = parsed(text);
  if (value !== undefined) return search(value, location);
  return LAUNCH_MEMBERS.some(member => text.toLowerCase().includes(`"${member.toLowerCase()}`)) ? [{ location }] : [];
}

function isLaunch(value: TemplateObject): boolean {
  const names = Object.keys(normalized(value));
  return names.includes('imageIdentifier') && LAUNCH_MEMBERS.some(member => names.includes(member));
}

/** A number that only the deployment knows is a placeholder without quotes. */
const NUMBERS = /(?<=[:[,]\s*)\$\{[^}"]*\}(?=\s*[,}\]])/g;

function parsed(text: string): unknown {
  for (const attempt of [text, text.replace(NUMBERS, '"$&"')]) {
    try {
      const value: unknown = JSON.parse(attempt);
      return value !== null && typeof value === 'object' ? value : undefined;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** CloudFormation and Step Functions write members with a capital, and Step Functions a path with `.$`. */
function normalized(value: TemplateObject): TemplateObject {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [`${name[0]?.toLowerCase() ?? ''}${name.slice(1)}`.replace(/\.\$$/, ''), member]));
}

/** Replaces a reference to a template parameter that CloudFormation reads from SSM by the name in SSM. */
function withParameterNames(text: string, parameters: TemplateObject): string {
  return text.replace(/\$\{(\w+)\}/g, (reference: string, name: string) => {
    const parameter = parameters[name];
    return isObject(parameter) && String(parameter.Type).startsWith('AWS::SSM::Parameter::') ? `\${ssm:${String(parameter.Default)}}` : reference;
  });
}

function found(
  where: Pick<FoundRequest, 'logicalId' | 'location' | 'isBuild'>, written: TemplateObject, parameters: TemplateObject,
): FoundRequest {
  const request = normalized(written);
  const logging = isObject(request.logging) ? normalized(request.logging) : {};
  const cloudWatch = isObject(logging.cloudWatch) ? normalized(logging.cloudWatch) : {};
  const seconds = request.maximumDurationInSeconds ?? LONGEST_LIFETIME_SECONDS;
  return {
    ...where,
    egress: textsOf(request.egressNetworkConnectors).map(text => withParameterNames(text, parameters)),
    ingress: textsOf(request.ingressNetworkConnectors),
    maximumSeconds: Number.isInteger(Number(seconds)) ? Number(seconds) : undefined,
    hasIdlePolicy: request.idlePolicy !== undefined,
    logGroup: textOf(cloudWatch.logGroup),
    isLoggingDisabled: ![undefined, false].includes(logging.disabled as boolean | undefined),
  };
}
