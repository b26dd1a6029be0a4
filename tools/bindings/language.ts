import type { Comparison } from './comparison';
import type { Templates } from './templates';

/** A language that jsii-pacmak makes a package for. */
export interface Language {
  /** As jsii-pacmak calls it. */
  readonly name: string;
  /** The program that does what an integration app does. */
  program(app: string): string;
  /** Installs the package, once the packages are made, and runs the programs: the templates of all. */
  synthesize(apps: readonly string[], packages: Promise<void>): Promise<Templates>;
  /** Runs the examples in this language with the package that `synthesize` has installed. */
  checkExamples?(): Promise<Comparison>;
}
