import { CATALOG, CONNECTOR, DEVELOPER_STACK, NETWORK_STACK, TEAM } from './names';
import { commandOf, Scenario, reasonOf } from './scenario';
import type { SessionCredentials } from '../local-aws/assume-role';
import type { LocalAws } from '../local-aws/local-aws';
import { memberOf } from '../local-aws/network-team';
import type { Connector, Image } from '../simulator/rows';

const NETWORK_APP = 'network.app.ts';
const DEVELOPER_APP = 'developer.app.ts';

/** A network team publishes a connector, and a developer uses it by its name. */
export class NetworkScenario extends Scenario {
  /** The credentials of a member of the network team. */
  private member?: SessionCredentials;

  public constructor(aws: LocalAws, private readonly directory: string, print: (line: string) => void) {
    super(aws, print);
  }

  public async bootstrapsTheTeam(): Promise<void> {
    this.print('\n== cdk bootstrap, network team: a bootstrap of its own, which developers cannot use');
    const { exitCode } = await this.aws.cdk.bootstrapTeam({ app: commandOf(NETWORK_APP), context: { zones: '2' } }, TEAM.qualifier);
    this.check(exitCode === 0, 'the bootstrap succeeds');
    this.member = await memberOf(this.aws, TEAM);
  }

  public async publishesAConnector(): Promise<void> {
    this.print('\n== cdk deploy, network team: a connector into two subnets, a catalog and a guardrail');
    const { exitCode } = await this.deploy(NETWORK_APP, NETWORK_STACK, { zones: '2' }, this.member);
    this.check(exitCode === 0, 'the deployment succeeds');
    this.check(this.connector()?.state === 'ACTIVE', 'the connector is active');
    this.check(this.subnets().length === 2, 'the connector has two subnets');
  }

  public async buildsThroughIt(): Promise<void> {
    this.print(`\n== cdk deploy, developer: an image that is built through '${CONNECTOR}' of the catalog '${CATALOG}'`);
    const { exitCode } = await this.deploy(DEVELOPER_APP, DEVELOPER_STACK, { directory: this.directory });
    this.check(exitCode === 0, 'the deployment succeeds');
    const egress = this.image()?.versions[0].configuration.egressNetworkConnectors;
    this.check(egress?.join() === this.connector()?.arn, 'the build used the connector', egress?.join());
  }

  public async removesASubnet(): Promise<void> {
    this.print('\n== cdk deploy, network team: a subnet is removed from the connector and deleted in the same deployment');
    const [, removed] = this.subnets();
    const { exitCode, events } = await this.deploy(NETWORK_APP, NETWORK_STACK, { zones: '1' }, this.member);
    this.check(exitCode === 0, 'the deployment succeeds');
    this.check(this.subnets().length === 1, 'the connector has one subnet');
    this.check(this.connector()?.versions.length === 1, 'the old version, which used the other subnet, was deleted');
    this.check(events.some(({ physicalId, status }) => physicalId === removed && status === 'DELETE_COMPLETE'), `${removed} is deleted`);
  }

  /** Takes two minutes, because the handler waits for MicroVMs that are just terminating. */
  public async rejectsDeletionInUse(): Promise<void> {
    this.print('\n== cdk destroy, network team: while a MicroVM uses the connector');
    const { id } = this.aws.simulator.launchMicrovm(this.image()!.arn, undefined, [this.connector()!.arn]);
    const result = await this.destroy(NETWORK_APP, NETWORK_STACK, { zones: '1' }, this.member);
    this.check(result.exitCode !== 0, 'the deletion of the connector fails');
    const reason = reasonOf(result, 'Custom::NetworkConnector');
    this.quote(reason);
    this.check(reason.includes(id), 'the error names the MicroVM');
    this.check(this.connector()?.state === 'ACTIVE', 'the connector is still active');
  }

  public async destroysEverything(): Promise<void> {
    this.print('\n== cdk destroy: the developer\'s app, and then the network team\'s');
    const developer = await this.destroy(DEVELOPER_APP, DEVELOPER_STACK, { directory: this.directory });
    this.check(developer.exitCode === 0, 'the image and its MicroVM are deleted');
    const network = await this.destroy(NETWORK_APP, NETWORK_STACK, { zones: '1' }, this.member);
    this.check(network.exitCode === 0, 'the connector and its subnet are deleted');
  }

  protected state(): string | undefined {
    const connector = this.connector();
    if (!connector) return undefined;
    const versions = connector.versions.map(({ number, state }) => `${number} ${state}`).join(', ');
    return `connector ${connector.name} is ${connector.state}${connector.lastUpdateStatus === 'InProgress' ? ', being updated' : ''}; versions: ${versions}`;
  }

  private connector(): Connector | undefined {
    return this.aws.simulator.connectors().find(({ name }) => name.startsWith(`${NETWORK_STACK}-`));
  }

  private subnets(): readonly string[] {
    const versions = this.connector()?.versions ?? [];
    return versions[versions.length - 1]?.configuration.SubnetIds ?? [];
  }

  private image(): Image | undefined {
    return this.aws.simulator.images().find(({ name }) => name.startsWith(`${DEVELOPER_STACK}-`));
  }
}
