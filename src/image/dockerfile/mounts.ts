import type { EvaluatedStage } from './evaluate';
import { mountOf } from './evaluate';
import type { Problem } from './problem';

/** Finds mounts of secrets and of SSH agents: a build of the service has neither. */
export function mountProblems(stages: readonly EvaluatedStage[]): Problem[] {
  const instructions = stages.filter(({ isNeeded }) => isNeeded).flatMap(({ steps }) => steps.map(({ instruction }) => instruction));
  return instructions.filter(({ keyword }) => keyword === 'RUN').flatMap(({ line, flags }) =>
    flags.filter(({ name }) => name === 'mount').flatMap(({ value }): Problem[] => {
      const mount = mountOf(value);
      const type = mount.type?.toLowerCase();
      if (type !== 'secret' && type !== 'ssh') return [];
      const what = type === 'secret' ? `the secret '${mount.id ?? mount.source ?? mount.src ?? mount.target ?? mount.dst ?? ''}'` : 'an SSH agent';
      const fix = type === 'secret'
        ? 'let the instruction read the secret from Secrets Manager or S3 with the credentials of the build role'
        : 'use a token over HTTPS, which the instruction reads with the credentials of the build role';
      return /^(true|1|t)$/i.test(mount.required ?? '')
        ? [{ line, error: 'MicrovmCodeDockerfileSecretMissing', text: `requires ${what}, which builds of the service do not have; ${fix}` }]
        : [{ line, warning: 'cdk-lambda-microvms:dockerfileSecretMissing', text: `mounts ${what}, which builds of the service do not have; if the instruction needs it, ${fix}` }];
    }));
}
