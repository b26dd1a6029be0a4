import { VirtualBuilder } from '../../../tools/simulator/builder';
import { VirtualClock } from '../../../tools/simulator/clock';
import type { SimulatorProps } from '../../../tools/simulator/simulator';
import { Simulator } from '../../../tools/simulator/simulator';

export const BASE_IMAGE = 'arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1';
export const BUILD_ROLE = 'arn:aws:iam::123456789012:role/build';
export const MINIMAL_IMAGE = { baseImageArn: BASE_IMAGE, buildRoleArn: BUILD_ROLE, codeArtifact: { uri: 's3://assets/code.zip' } };

export interface Answer {
  readonly status: number;
  readonly errorType?: string;
  readonly body: any;
}

/** A simulator on a virtual clock, and a client of it. */
export class SimulatorClient {
  readonly clock = new VirtualClock();
  readonly simulator: Simulator;

  constructor(props: Partial<SimulatorProps> & { plan?: ConstructorParameters<typeof VirtualBuilder>[0]['plan'] } = {}) {
    const { plan, ...rest } = props;
    this.simulator = new Simulator({ clock: this.clock, builder: new VirtualBuilder({ clock: this.clock, plan }), ...rest });
  }

  imageArn(name: string): string {
    return `arn:aws:lambda:us-east-1:123456789012:microvm-image:${name}`;
  }

  async call(method: string, path: string, body?: object, query: Record<string, string | string[]> = {}): Promise<Answer> {
    const request = { method, path, query, headers: {}, body: body === undefined ? '' : JSON.stringify(body) };
    const response = await this.clock.complete(this.simulator.handle(request));
    return { status: response.status, errorType: response.headers['x-amzn-errortype'], body: response.body === '' ? '' : JSON.parse(response.body) };
  }

  async createImage(name: string, more: object = {}): Promise<Answer> {
    return this.call('POST', '/2025-09-09/microvm-images', { name, ...MINIMAL_IMAGE, ...more });
  }

  async updateImage(name: string, more: object = {}): Promise<Answer> {
    return this.call('PUT', `/2025-09-09/microvm-images/${this.imageArn(name)}`, { ...MINIMAL_IMAGE, ...more });
  }

  async image(method: string, name: string, suffix = '', body?: object): Promise<Answer> {
    return this.call(method, `/2025-09-09/microvm-images/${this.imageArn(name)}${suffix}`, body);
  }

  async runMicrovm(name: string, more: object = {}): Promise<Answer> {
    return this.call('POST', '/2025-09-09/microvms', { imageIdentifier: this.imageArn(name), ...more });
  }

  async microvm(method: string, id: string, suffix = '', body?: object): Promise<Answer> {
    return this.call(method, `/2025-09-09/microvms/${id}${suffix}`, body);
  }

  async createConnector(name: string, more: object = {}): Promise<Answer> {
    return this.call('POST', '/2026-04-04/network-connectors', {
      Name: name,
      ClientToken: `create-${name}`,
      OperatorRole: 'arn:aws:iam::123456789012:role/operator',
      Configuration: { VpcEgressConfiguration: vpcEgress() },
      ...more,
    });
  }

  async connector(method: string, id: string, suffix = '', body?: object): Promise<Answer> {
    return this.call(method, `/2026-04-04/network-connectors/${id}${suffix}`, body);
  }

  /** Lets the given time pass. */
  async pass(seconds: number): Promise<void> {
    await this.clock.run(this.clock.now() + seconds * 1000);
  }

  async settle(): Promise<void> {
    await this.clock.run(() => !this.simulator.isSettling());
  }
}

export function vpcEgress(more: object = {}): object {
  return {
    SubnetIds: ['subnet-1'],
    SecurityGroupIds: ['sg-1'],
    NetworkProtocol: 'IPv4',
    AssociatedComputeResourceTypes: ['MicroVm'],
    ...more,
  };
}
