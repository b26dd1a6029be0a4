/** Creates clients, each with the role that may act on one resource, and keeps them. */
export class ClientsByRole<Client> {
  private readonly clients = new Map<string, Client>();

  /**
   * @param create creates a client that uses the role with this ARN.
   * @param roles role ARN by resource. After a replacement, only the old role may act on the old resource.
   * @param defaultRole role ARN for all other resources. If absent, callers pass the ARN of a role as the resource.
   */
  public constructor(
    private readonly create: (roleArn: string) => Promise<Client>,
    private readonly roles: Readonly<Record<string, string>> = {},
    private readonly defaultRole?: string,
  ) {}

  public async for(resource: string): Promise<Client> {
    const roleArn = this.roles[resource] ?? this.defaultRole ?? resource;
    const client = this.clients.get(roleArn) ?? await this.create(roleArn);
    this.clients.set(roleArn, client);
    return client;
  }
}
