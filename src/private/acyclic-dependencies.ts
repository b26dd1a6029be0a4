import type { CustomResource, IResolvable, IResolveContext, IPostProcessor } from 'aws-cdk-lib';
import { CfnResource, DefaultTokenResolver, Reference, Stack, StringConcat, Tokenization } from 'aws-cdk-lib';
import type { IConstruct, IDependable } from 'constructs';
import { Dependable } from 'constructs';
import { stacksAround } from './stacks';

/**
 * Lets a custom resource wait for the resources in some scopes, except for those that themselves wait for it.
 *
 * A role can have a policy that waits for the resource, for example because it permits invoking a function that starts
 * after the resource. CloudFormation rejects templates with circular dependencies. The resource can start without such
 * a policy, which serves something that starts after the resource.
 *
 * The dependencies are known at the end of synth only. The CDK asks for `dependencyRoots` then.
 */
export function waitWithoutCycle(resource: CustomResource, ...scopes: IConstruct[]): void {
  waitForFound(resource, () => scopes);
}

/** Does the same for scopes that are looked for at the end of synth. */
export function waitForFound(resource: CustomResource, findScopes: () => IConstruct[]): void {
  const target = resource.node.defaultChild as CfnResource;
  const dependable: IDependable = {};
  Dependable.implement(dependable, new AcyclicDependency(target, findScopes));
  target.node.addDependency(dependable);
}

class AcyclicDependency extends Dependable {
  private static isSearching = false;

  public constructor(private readonly target: CfnResource, private readonly findScopes: () => IConstruct[]) {
    super();
  }

  public get dependencyRoots(): IConstruct[] {
    // CloudFormation waits for what a resource refers to, without an explicit dependency.
    const implied = new Set<IConstruct>([this.target, ...referencedBy(this.target)]);
    const candidates = this.findScopes().flatMap(resourcesIn).filter(candidate => !implied.has(candidate));
    // A search may ask other resources of this kind. If it asked them for a search of their own, it might never end.
    if (AcyclicDependency.isSearching) return candidates;
    AcyclicDependency.isSearching = true;
    try {
      return candidates.filter(candidate => !waitsFor(candidate, this.target));
    } finally {
      AcyclicDependency.isSearching = false;
    }
  }
}

/** Whether the deployment of one resource waits for another one, directly or through others. */
function waitsFor(first: CfnResource, target: CfnResource): boolean {
  const seen = new Set<IConstruct>([first]);
  const open = [first];
  for (let resource = open.pop(); resource; resource = open.pop()) {
    for (const next of awaitedBy(resource)) {
      if (next === target || entersStack(resource, next, target)) return true;
      for (const one of deployedTogether(next, target)) {
        if (seen.has(one)) continue;
        seen.add(one);
        open.push(one);
      }
    }
  }
  return false;
}

/** From outside, a stack is deployed as a whole: whoever waits for one of its resources waits for all. */
function entersStack(resource: CfnResource, next: CfnResource, target: CfnResource): boolean {
  const inner = Stack.of(target);
  return Stack.of(next) === inner && !isWithin(Stack.of(resource), inner);
}

/** Returns the resource, or all resources of its stack if that is not around the target. */
function deployedTogether(resource: CfnResource, target: CfnResource): CfnResource[] {
  const stack = Stack.of(resource);
  return isWithin(Stack.of(target), stack) ? [resource] : resourcesIn(stack);
}

/** Whether a stack is another one, or nested in it. */
function isWithin(stack: Stack, outer: Stack): boolean {
  return stacksAround(stack).includes(outer);
}

/** Returns the resources that a resource names, and those that it depends on explicitly. */
function awaitedBy(resource: CfnResource): CfnResource[] {
  const dependencies = resource.node.scopes.flatMap(scope => scope.node.dependencies).flatMap(resourcesIn);
  const explicit = resource.obtainDependencies().filter(dependency => CfnResource.isCfnResource(dependency));
  return [...referencedBy(resource), ...dependencies, ...explicit];
}

function resourcesIn(scope: IConstruct): CfnResource[] {
  return scope.node.findAll().filter(construct => CfnResource.isCfnResource(construct));
}

function referencedBy(resource: CfnResource): CfnResource[] {
  const collector = new ReferenceCollector();
  // The method is public, but not in the declarations.
  const element = (resource as unknown as { _toCloudFormation(): object })._toCloudFormation();
  Tokenization.resolve(element, { scope: resource, resolver: collector, preparing: true });
  return collector.targets.filter(target => CfnResource.isCfnResource(target));
}

class ReferenceCollector extends DefaultTokenResolver {
  public readonly targets: IConstruct[] = [];

  public constructor() {
    super(new StringConcat());
  }

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): any {
    if (Reference.isReference(token)) this.targets.push(token.target);
    return super.resolveToken(token, context, postProcessor);
  }
}
