/**
 * Marks objects of one class, to recognize them.
 *
 * `instanceof` does not recognize an object that another copy of this library created.
 */
export class TypeMarker {
  private readonly symbol: symbol;

  public constructor(typeName: string) {
    this.symbol = Symbol.for(`cdk-lambda-microvms.${typeName}`);
  }

  public mark(object: object): void {
    Object.defineProperty(object, this.symbol, { value: true });
  }

  public isOn(x: unknown): boolean {
    return x !== null && typeof x === 'object' && this.symbol in x;
  }
}
