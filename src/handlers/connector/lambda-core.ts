import type { LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { CallLimits } from '../engine/calls';
import { classify, nameOf } from '../engine/errors';

const PATH = '/2026-04-04/network-connectors';

/** The configuration of a connector into a VPC. */
export interface VpcEgressConfiguration {
  readonly SubnetIds: string[];
  readonly SecurityGroupIds: string[];
  readonly NetworkProtocol?: string;
  readonly AssociatedComputeResourceTypes: string[];
  readonly ElasticIpConfiguration?: { readonly Type: string };
}

export interface ConnectorRequest {
  readonly Configuration: { readonly VpcEgressConfiguration: VpcEgressConfiguration };
  readonly OperatorRole: string;
}

/** A connector as the service returns it. Members that it may omit are optional. */
export interface ConnectorAnswer {
  readonly Arn: string;
  readonly Name: string;
  readonly Id: string;
  readonly Version?: number;
  /** In answers of GetNetworkConnector. */
  readonly LatestVersion?: number;
  readonly Configuration?: { readonly VpcEgressConfiguration?: Partial<VpcEgressConfiguration> };
  readonly OperatorRole?: string;
  readonly State?: string;
  readonly StateReason?: string;
  readonly StateReasonCode?: string;
  readonly LastUpdateStatus?: string;
  readonly LastUpdateStatusReason?: string;
  readonly LastUpdateStatusReasonCode?: string;
  readonly LastModified?: string | number;
}

export interface VersionsAnswer {
  readonly NetworkConnectorVersions?: { readonly Version: number; readonly State?: string; readonly LastModified?: string | number }[];
  readonly NextMarker?: string | null;
}

/**
 * Calls the operations of `lambda-core` that the handler needs.
 *
 * AWS documents a JavaScript client, but it is not on npm (service-facts.md, 1.0). When it is, it replaces this file.
 * Requests are signed and sent with the configuration of the `lambda-microvms` client, because service, Region,
 * credentials and connections are the same.
 */
export class LambdaCoreClient {
  public constructor(private readonly microvms: LambdaMicrovmsClient, private readonly limits: CallLimits) {}

  public async createNetworkConnector(
    request: ConnectorRequest & { readonly Name: string; readonly Tags: Record<string, string>; readonly ClientToken: string },
  ): Promise<ConnectorAnswer> {
    return this.send('POST', PATH, request);
  }

  public async updateNetworkConnector(identifier: string, request: ConnectorRequest & { readonly ClientToken: string }): Promise<ConnectorAnswer> {
    return this.send('PUT', pathOf(identifier), request);
  }

  /** @param identifier name, ID or ARN of the connector. */
  public async getNetworkConnector(identifier: string): Promise<ConnectorAnswer> {
    return this.send('GET', pathOf(identifier));
  }

  public async listNetworkConnectorVersions(identifier: string, marker?: string): Promise<VersionsAnswer> {
    return this.send('GET', `${pathOf(identifier)}/versions`, undefined, marker === undefined ? {} : { Marker: marker });
  }

  /**
   * @param identifier ARN with a version to delete that version, without one to delete the connector and all its
   * versions.
   */
  public async deleteNetworkConnector(identifier: string): Promise<void> {
    await this.send('DELETE', pathOf(identifier));
  }

  private async send<Answer>(method: string, path: string, body?: object, query: Record<string, string> = {}): Promise<Answer> {
    const { config } = this.microvms;
    const options = this.limits.options();
    const region = await config.region();
    const endpoint = await this.endpoint(region);
    const signer = new SignatureV4({ service: 'lambda', region, credentials: config.credentials, sha256: config.sha256 });
    const request = await signer.sign(new HttpRequest({
      method,
      protocol: endpoint.protocol,
      hostname: endpoint.hostname,
      port: endpoint.port === '' ? undefined : Number(endpoint.port),
      path,
      query,
      headers: { 'host': endpoint.host, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    }));
    const { response } = await config.requestHandler.handle(HttpRequest.clone(request), options);
    const text = await config.utf8Encoder(await config.streamCollector(response.body));
    if (response.statusCode >= 300) throw errorOf(response.statusCode, response.headers, text);
    return (text === '' ? {} : JSON.parse(text)) as Answer;
  }

  private async endpoint(region: string): Promise<URL> {
    const { config } = this.microvms;
    const given = process.env.AWS_ENDPOINT_URL_LAMBDA_CORE ?? process.env.AWS_ENDPOINT_URL;
    if (given) return new URL(given);
    const variants = { UseFIPS: await config.useFipsEndpoint(), UseDualStack: await config.useDualstackEndpoint() };
    return config.endpointProvider({ Region: region, ...variants }).url;
  }
}

function pathOf(identifier: string): string {
  return `${PATH}/${encodeURIComponent(identifier)}`;
}

/** Whether the service says that it has no such resource or operation. A gateway may say so without an error name. */
export function isMissing(error: unknown): boolean {
  return classify(error) === 'notFound' || nameOf(error) === 'UnknownOperationException' || (error as Partial<ErrorOfCore>).status === 404;
}

interface ErrorOfCore extends Error {
  readonly status: number;
}

/** The error name is in a header, before a URI, or in the body. A gateway may send a body that is not JSON. */
function errorOf(status: number, headers: Record<string, string>, text: string): ErrorOfCore {
  const body = parsed(text);
  const name = (headers['x-amzn-errortype'] ?? body.__type ?? /^<(\w+Exception)\b/.exec(text)?.[1] ?? '').split(':')[0].split('#').pop();
  return Object.assign(new Error(body.message ?? body.Message ?? ''), { name: name || `HTTP ${status}`, status });
}

function parsed(text: string): { __type?: string; message?: string; Message?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
