/** A service as the roles of resources may use it, each made when first asked for. */
export class ServicesByRole<Service> {
  private readonly services = new Map<string, Service>();

  /**
   * @param make for the ARN of a role.
   * @param roles by what they may act on: what an update replaces is only open to the role of the old properties.
   * @param usual for all else; absent: what is asked for is the ARN of a role itself.
   */
  public constructor(
    private readonly make: (roleArn: string) => Promise<Service>,
    private readonly roles: Readonly<Record<string, string>> = {},
    private readonly usual?: string,
  ) {}

  public async for(what: string): Promise<Service> {
    const roleArn = this.roles[what] ?? this.usual ?? what;
    const service = this.services.get(roleArn) ?? await this.make(roleArn);
    this.services.set(roleArn, service);
    return service;
  }
}
