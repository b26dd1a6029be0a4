import { rmSync } from 'fs';
import * as path from 'path';
import { run } from './command';
import type { Language } from './language';
import { CACHE, PACKAGES, TEMPLATES } from './places';
import { templatesIn } from './templates';
import { version } from '../../package.json';

const PROJECT = path.join(__dirname, 'java');
const ARTIFACT = path.join(PACKAGES, 'java', 'io', 'github', 'cdklambdamicrovms', 'cdk-lambda-microvms', version, `cdk-lambda-microvms-${version}`);

/**
 * A Maven repository for the bindings only, so that the package of a checkout does not get into the repository of the
 * user.
 */
export const LOCAL_REPOSITORY = path.join(CACHE, 'maven');

export const JAVA: Language = {
  name: 'java',

  program: app => path.join(PROJECT, 'src', 'main', 'java', 'example', `${className(app)}.java`),

  async synthesize(apps, packages) {
    await packages;
    const output = path.join(TEMPLATES, 'java');
    const maven = ['--quiet', '--batch-mode', `-Dmaven.repo.local=${LOCAL_REPOSITORY}`];
    await run('mvn', [...maven, 'install:install-file', `-Dfile=${ARTIFACT}.jar`, `-DpomFile=${ARTIFACT}.pom`]);
    // Maven does not notice that the package has changed, because its version is the same.
    rmSync(path.join(PROJECT, 'target'), { recursive: true, force: true });
    await run('mvn', [
      ...maven, '--file', PROJECT, `-Dcdk-lambda-microvms.version=${version}`, 'compile', 'exec:java', '-Dexec.mainClass=example.AllApps',
      `-Dexec.args=${apps.map(className).join(' ')}`,
    ], { CDK_OUTDIR: output });
    return templatesIn(output);
  },
};

function className(app: string): string {
  const words = app.split('-').map(word => word[0].toUpperCase() + word.slice(1));
  return `${words.join('')}App`;
}
