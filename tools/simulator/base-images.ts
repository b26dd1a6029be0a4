import { DockerfileError } from './dockerfile';

/** Host names that, by Internet standards, no registry can have. */
const UNREACHABLE = /(^localhost|\.invalid|\.test|\.example|\.local)(:\d+)?$/;
const NAME = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(`^${NAME}(?::\\d+(?=/))?(?:/${NAME})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);
const PRIVATE_ECR = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//;

/** Whether a role may pull an image from a private repository. */
export type MayPull = (image: string) => Promise<boolean>;

/**
 * Checks that the image after FROM could be pulled.
 *
 * Nothing is pulled: a name that looks like a public image is accepted.
 */
export async function checkBaseImage(image: string, mayPull: MayPull): Promise<void> {
  if (image === 'scratch') return;
  if (!REFERENCE.test(image)) throw new DockerfileError(`failed to solve: failed to parse stage name "${image}": invalid reference format`);
  if (PRIVATE_ECR.test(image)) {
    if (!(await mayPull(image))) throw unresolved(image, 'unexpected status from HEAD request: 403 Forbidden');
    return;
  }
  const repository = image.replace(/@.*$/, '').replace(/:[^:/]+$/, '');
  const [host] = repository.split('/');
  const hasHost = repository.includes('/') && /[.:]|^localhost$/.test(host);
  if (hasHost && UNREACHABLE.test(host)) throw unresolved(image, `failed to do request: dial tcp: lookup ${host}: no such host`);
  if (repository === 'public.ecr.aws/lambda/microvms' && !/(:al2023[\w.-]*|@sha256:[0-9a-f]{64})$/.test(image)) throw unresolved(image, `${image}: not found`);
}

function unresolved(image: string, why: string): DockerfileError {
  return new DockerfileError(`failed to solve: ${image}: failed to resolve source metadata for ${image}: ${why}`);
}
