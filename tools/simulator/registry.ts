import { S3Client } from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';

const TARGET = 'AmazonEC2ContainerRegistry_V20150921';
const IMAGE = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.[a-z.]+\/([^:@]+)(?::([^@]+))?(?:@(.+))?$/;

interface Caller {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

/** Calls an action of ECR. Fails with the answer of ECR if that is an error. */
export async function callRegistry({ endpoint, region, credentials }: Caller, action: string, input: object): Promise<any> {
  const { hostname, host, port, protocol } = new URL(endpoint);
  const body = JSON.stringify(input);
  const headers = { 'host': host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${TARGET}.${action}` };
  const request = new HttpRequest({ method: 'POST', protocol, hostname, port: Number(port), path: '/', headers, body });
  const signer = new SignatureV4({ service: 'ecr', region, credentials, sha256: new S3Client({ region, credentials }).config.sha256 });
  const response = await fetch(endpoint, { method: 'POST', headers: (await signer.sign(request)).headers, body });
  if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Whether the caller may log in to the registry and read the manifest of an image, which must exist. */
export async function mayPull(caller: Caller, image: string): Promise<boolean> {
  const [, repositoryName, imageTag, imageDigest] = IMAGE.exec(image) ?? [];
  try {
    await callRegistry(caller, 'GetAuthorizationToken', {});
    const { images } = await callRegistry(caller, 'BatchGetImage', { repositoryName, imageIds: [{ imageTag, imageDigest }] });
    return images.length > 0;
  } catch {
    return false; // As Docker, which shows 403 for a missing permission and for a missing repository.
  }
}
