import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';

const run = promisify(execFile);

/** The services whose operations the library or its users call. */
export const SERVICES = ['lambda-microvms', 'lambda-core'] as const;

/** The parts of a botocore model that the text shows. */
export interface ServiceModel {
  readonly operations: Record<string, Operation>;
  readonly shapes: Record<string, Shape>;
}

export interface Operation {
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: Reference;
  readonly output?: Reference;
  readonly errors?: readonly Reference[];
  readonly idempotent?: boolean;
}

export interface Reference {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
}

export interface Shape {
  readonly type: string;
  readonly members?: Record<string, Reference>;
  readonly required?: readonly string[];
  readonly union?: boolean;
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
}

/** Downloads the newest botocore with pip and returns its models by service. */
export async function newestModels(): Promise<Record<string, ServiceModel>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'service-model-'));
  try {
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', directory, 'botocore'])
      .catch((error: Error & { stderr?: string }) => {
        throw new Error(`pip could not download botocore: ${(error.stderr || error.message).trim().split('\n').slice(-3).join(' / ')}`);
      });
    const wheel = (await readdir(directory)).find(name => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip downloaded no wheel of botocore');
    return modelsIn(await readFile(path.join(directory, wheel)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Reads the newest API version of each service from a wheel, which is a ZIP file. */
export function modelsIn(wheel: Uint8Array): Record<string, ServiceModel> {
  return Object.fromEntries(SERVICES.map(service => {
    const files = unzipSync(wheel, { filter: ({ name }) => name.includes(`/data/${service}/`) && name.includes('/service-2.json') });
    const newest = Object.keys(files).sort().pop();
    if (newest === undefined) throw new Error(`botocore has no model of ${service}`);
    const data = Buffer.from(files[newest]);
    return [service, JSON.parse((newest.endsWith('.gz') ? gunzipSync(data) : data).toString()) as ServiceModel];
  }));
}
