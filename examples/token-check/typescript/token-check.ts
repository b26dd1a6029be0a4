/**
 * The check of a relying party outside AWS: is this token from the MicroVMs of one launcher, and is it for me?
 *
 * The MicroVM got the token by `sts:GetWebIdentityToken`. The pinned values come from `launcher.webIdentityClaims`. The
 * keys come from the issuer: `<issuer>/.well-known/openid-configuration` names their address.
 *
 * This code shows what must be checked, without dependencies. In production, prefer a maintained JWT library, and give
 * it the same pinned values.
 */
import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';

export interface Pinned {
  readonly issuer: string;
  readonly audience: string;
  /** The ARN of the execution role. */
  readonly subject: string;
  /** The algorithm of `grantWebIdentity`. A token must not choose it. */
  readonly algorithm: 'ES384' | 'RS256';
}

export type Key = JsonWebKey & { readonly kid?: string };

export interface Claims {
  readonly iss: string;
  readonly aud: string | string[];
  readonly sub: string;
  readonly exp: number;
  readonly nbf?: number;
}

/** Returns the claims of a valid token, and throws the reason otherwise. Clocks may differ by `skew` seconds. */
export function checkToken(token: string, pinned: Pinned, keys: readonly Key[], now = Date.now() / 1000, skew = 30): Claims {
  const parts = token.split('.');
  if (parts.length !== 3) throw new Error('malformed: a token has three parts');
  const [header, claims] = parts.slice(0, 2).map(parse) as [{ alg?: string; kid?: string; crit?: unknown }, Partial<Claims>];

  if (header.alg !== pinned.algorithm) throw new Error(`algorithm: ${header.alg}, not ${pinned.algorithm}`);
  // A verifier must reject critical extensions that it does not understand (RFC 7515, 4.1.11).
  if (header.crit !== undefined) throw new Error('critical: an unknown extension');
  const key = keys.find(({ kid }) => kid !== undefined && kid === header.kid);
  if (key === undefined) throw new Error(`key: the issuer has no key with the ID ${header.kid}`);
  if (!isSigned(parts, key, pinned.algorithm)) throw new Error('signature: not from the issuer');

  const { iss, aud, sub, exp, nbf } = claims;
  if (iss !== pinned.issuer) throw new Error(`issuer: ${iss}`);
  if (![aud].flat().includes(pinned.audience)) throw new Error(`audience: ${[aud].flat().join()}`);
  if (sub !== pinned.subject) throw new Error(`subject: ${sub}`);
  if (typeof exp !== 'number' || now >= exp + skew) throw new Error('expired');
  if (nbf !== undefined && !(now >= nbf - skew)) throw new Error('not valid yet');
  return claims as Claims;
}

function parse(part: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    throw new Error('malformed: a part is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw new Error('malformed: a part is not an object');
  return value;
}

function isSigned([header, claims, signature]: string[], jwk: Key, algorithm: Pinned['algorithm']): boolean {
  const key = publicKey(jwk);
  const data = Buffer.from(`${header}.${claims}`);
  const bytes = Buffer.from(signature, 'base64url');
  if (algorithm === 'RS256') return key.asymmetricKeyType === 'rsa' && verify('sha256', data, key, bytes);
  const isP384 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'secp384r1';
  return isP384 && verify('sha384', data, { key, dsaEncoding: 'ieee-p1363' }, bytes);
}

function publicKey(jwk: Key): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' });
}
