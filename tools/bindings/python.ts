import * as path from 'path';
import { run } from './command';
import { checkExamples, copyPythonExamples, withUnitTests } from './examples';
import type { Language } from './language';
import { CACHE, PACKAGES, TEMPLATES } from './places';
import { templatesIn } from './templates';
import { version } from '../../package.json';
import { virtualEnvironmentPython } from '../shared/venv';

const DIRECTORY = path.join(__dirname, 'python');
const SITE_PACKAGES = path.join(PACKAGES, 'site-packages');

async function environmentPython(): Promise<string> {
  return virtualEnvironmentPython({ user: 'the Python bindings', requirements: path.join(DIRECTORY, 'requirements.txt'), cache: CACHE }, console.log);
}

export const PYTHON: Language = {
  name: 'python',

  program: app => path.join(DIRECTORY, `${app.replaceAll('-', '_')}.py`),

  async synthesize(apps, packages) {
    const [python] = await Promise.all([environmentPython(), packages]);
    const wheel = path.join(PACKAGES, 'python', `cdk_lambda_microvms-${version}-py3-none-any.whl`);
    const output = path.join(TEMPLATES, 'python');
    // Beside the environment, which stays as it is named; that it has all that the wheel needs is then asked for,
    // without an index.
    await run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', SITE_PACKAGES, wheel]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--dry-run', '--no-index', wheel]);
    await run(python, [path.join(DIRECTORY, 'all_apps.py'), ...apps.map(PYTHON.program)], { PYTHONPATH: SITE_PACKAGES, CDK_OUTDIR: output });
    return templatesIn(output);
  },

  async checkExamples() {
    const [copies, output] = [copyPythonExamples(), path.join(TEMPLATES, 'python-examples')];
    const python = await environmentPython();
    await run(python, [path.join(DIRECTORY, 'all_examples.py'), ...copies], { PYTHONPATH: SITE_PACKAGES, CDK_OUTDIR: output });
    for (const copy of withUnitTests(copies)) await run(python, ['-m', 'unittest', 'discover', '--start-directory', copy], { PYTHONPATH: SITE_PACKAGES });
    return checkExamples(copies, templatesIn(output));
  },
};
