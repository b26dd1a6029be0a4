import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import type { Contents, Variant } from './constructs/app';
import { directoriesIn, synthesize } from './constructs/app';
import * as byHand from './constructs/by-hand';
import { linesOfCode } from './constructs/lines';
import * as ours from './constructs/ours';
import * as quick from './constructs/quick';
import type { Figure, Goal, Row } from './row';
import { atMost, atMostTimes, lessThan, median } from './row';

const MANY = 50;
/** Numbers of pairs, and how many times the CPU time of L1s narrowed by hand a synthesis of them may take. */
const PAIRS = [[1, 1.08], [10, 1.12], [MANY, 1.25]] as const;
const ROUNDS = 3;

const ROOT = path.join(__dirname, '..', '..');

/** Costs of the constructs compared with the L1s: lines, resources, template size, and synthesis time. */
export async function rows(): Promise<Row[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-'));
  try {
    const place = { directoryOf: directoriesIn(directory, MANY), outdir: path.join(directory, 'cdk.out') };
    return [...sizeRows(place), ...timeRows(directory, place.outdir)];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Directories for the code of images and for templates. */
type Place = Pick<Contents, 'directoryOf' | 'outdir'>;

/** Resources and bytes of a deployment. The limit of CloudFormation applies to the file as `cdk synth` writes it. */
interface Size {
  readonly resources: number;
  readonly bytes: number;
}

interface Sizes {
  readonly lines: number;
  /** Everything that the program creates. */
  readonly whole: Size;
  readonly onePair: Size;
  readonly twoPairs: Size;
  readonly many: Size;
}

function sizeRows(place: Place): Row[] {
  const sizes = { ours: sizesOf(ours, 'ours', place), quick: sizesOf(quick, 'quick', place), byHand: sizesOf(byHand, 'by-hand', place) };
  const row = (what: string, of: (size: Sizes) => number, goal: (value: number, narrowed: Figure) => Goal): Row => {
    const narrowed = { of: 'L1s narrowed by hand', value: of(sizes.byHand) };
    const value = of(sizes.ours);
    return { what, unit: '', ours: value, others: [{ of: 'L1s with managed policies', value: of(sizes.quick) }, narrowed], goals: [goal(value, narrowed)] };
  };
  return [
    row('lines for a connector, an image, a launcher and a caller', ({ lines }) => lines, value => atMost(10, value)),
    row('resources for these, without the VPC', ({ whole }) => whole.resources, value => atMost(30, value)),
    row('resources for another connector and image', ({ onePair, twoPairs }) => twoPairs.resources - onePair.resources, value => atMost(9, value)),
    row(`resources of ${MANY} connectors and images`, ({ many }) => many.resources, (value, narrowed) => lessThan(narrowed, value)),
    row(`bytes of the template of ${MANY} connectors and images`, ({ many }) => many.bytes, value => atMost(550_000, value)),
  ];
}

function sizesOf(variant: Variant, module: string, place: Place): Sizes {
  const sizeOf = (pairs: number, launched = false) => sizeOfTemplate(synthesize(variant, { pairs, launched, ...place }));
  const vpc = sizeOf(0);
  const besidesVpc = ({ resources, bytes }: Size): Size => ({ resources: resources - vpc.resources, bytes: bytes - vpc.bytes });
  return {
    lines: linesOfCode(path.join(__dirname, 'constructs', `${module}.ts`)),
    whole: besidesVpc(sizeOf(1, true)),
    onePair: besidesVpc(sizeOf(1)),
    twoPairs: besidesVpc(sizeOf(2)),
    many: besidesVpc(sizeOf(MANY)),
  };
}

function sizeOfTemplate(file: string): Size {
  return { resources: Object.keys(JSON.parse(readFileSync(file, 'utf8')).Resources).length, bytes: statSync(file).size };
}

/**
 * Times of a process in milliseconds, from its start. aws-cdk-lib loads modules on demand, so the import has no time
 * of its own.
 */
interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

function timeRows(directory: string, outdir: string): Row[] {
  const child = compiled();
  const costOf = (module: string, pairs: number): Cost => {
    const variant = path.join(path.dirname(child), `${module}.js`);
    rmSync(outdir, { recursive: true, force: true });
    const printed = execFileSync(process.execPath, [child, variant, String(pairs), directory, outdir], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return JSON.parse(printed);
  };
  const cases = PAIRS.map(([pairs, most]) => ({ pairs, most, ours: [] as Cost[], byHand: [] as Cost[] }));
  const vpc: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    vpc.push(costOf('by-hand', 0));
    for (const { pairs, ...costs } of cases) {
      costs.ours.push(costOf('ours', pairs));
      costs.byHand.push(costOf('by-hand', pairs));
    }
  }
  const row = (kind: keyof Cost, pairs: number, costs: { most: number; ours: Cost[]; byHand: Cost[] }): Row => {
    const middle = (all: Cost[]) => Math.round(median(all.map(cost => cost[kind])));
    const narrowed = { of: 'L1s narrowed by hand', value: middle(costs.byHand) };
    const value = middle(costs.ours);
    return {
      what: `${kind === 'cpu' ? 'CPU' : 'wall'} time of a synthesis of ${pairs === 1 ? 'a pair' : `${pairs} pairs`}`,
      unit: 'ms',
      ours: value,
      others: [narrowed, { of: 'the VPC alone', value: middle(vpc) }],
      goals: kind === 'cpu' ? [atMostTimes(costs.most, narrowed, value)] : [],
    };
  };
  return cases.flatMap(({ pairs, ...costs }) => [row('cpu', pairs, costs), row('wall', pairs, costs)]);
}

/** Compiles sources and programs, so that no transpiler is measured. @returns the program to run. */
function compiled(): string {
  // In the repository, so that its modules are found, and with the bundle of the handlers where the sources expect it.
  const outdir = path.join(ROOT, '.cache', 'bench');
  rmSync(outdir, { recursive: true, force: true });
  buildSync({
    absWorkingDir: ROOT, entryPoints: ['src/**/*.ts', 'tools/bench/constructs/*.ts'], outbase: '.', outdir, platform: 'node', format: 'cjs', target: 'node20',
  });
  mkdirSync(path.join(outdir, 'lib', 'handlers'), { recursive: true });
  copyFileSync(path.join(ROOT, 'lib', 'handlers', 'index.js'), path.join(outdir, 'lib', 'handlers', 'index.js'));
  return path.join(outdir, 'tools', 'bench', 'constructs', 'child.js');
}
