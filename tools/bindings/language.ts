import type { Comparison } from './comparison';
import type { Templates } from './templates';

/** A language for which jsii-pacmak creates a package. */
export interface Language {
  /** The name that jsii-pacmak uses. */
  readonly name: string;
  /** The program that corresponds to an integration app. */
  program(app: string): string;
  /** Installs the package once the packages are created, and runs the programs. @returns all templates. */
  synthesize(apps: readonly string[], packages: Promise<void>): Promise<Templates>;
  /** Runs the examples in this language with the package that `synthesize` has installed. */
  checkExamples?(): Promise<Comparison>;
}
