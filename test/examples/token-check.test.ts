import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Key, Pinned } from '../../examples/token-check/typescript/token-check';
import { checkToken } from '../../examples/token-check/typescript/token-check';

const NOW = 1_800_000_000;
const PINNED: Pinned = {
  issuer: 'https://issuer.example', audience: 'https://api.partner.example', subject: 'arn:aws:iam::123456789012:role/sandbox', algorithm: 'ES384',
};
const CLAIMS = { iss: PINNED.issuer, aud: PINNED.audience, sub: PINNED.subject, iat: NOW - 10, nbf: NOW - 10, exp: NOW + 290 };

const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const issuer = curve('P-384');
const someoneElse = curve('P-384');
const weak = curve('P-256');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = (key: KeyObject, kid: string): Key => ({ ...key.export({ format: 'jwk' }), kid });
const KEYS = [jwk(issuer.publicKey, 'current'), jwk(rsa.publicKey, 'rsa'), jwk(weak.publicKey, 'weak')];

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with a signature of whatever kind the test wants. */
function token(claims: object = CLAIMS, header: object = { alg: 'ES384', kid: 'current' }, signWith: (data: string) => Buffer = ecdsa(issuer.privateKey)): string {
  const data = `${encode(header)}.${encode(claims)}`;
  return `${data}.${signWith(data).toString('base64url')}`;
}

function ecdsa(key: KeyObject, hash = 'sha384') {
  return (data: string) => sign(hash, Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' });
}

function rs256(data: string): Buffer {
  return sign('sha256', Buffer.from(data), rsa.privateKey);
}

test('a token of the issuer for the audience and the subject is right', () => {
  expect(checkToken(token(), PINNED, KEYS, NOW)).toMatchObject({ sub: PINNED.subject });
  expect(checkToken(token({ ...CLAIMS, aud: ['other', PINNED.audience] }), PINNED, KEYS, NOW)).toMatchObject({ sub: PINNED.subject });
  expect(checkToken(token(CLAIMS, { alg: 'RS256', kid: 'rsa' }, rs256), { ...PINNED, algorithm: 'RS256' }, KEYS, NOW)).toBeDefined();
});

const forged = (part: number, value: string) => token().split('.').map((text, index) => index === part ? value : text).join('.');

test.each<[string, string, RegExp]>([
  ['signed by somebody else', token(CLAIMS, undefined, ecdsa(someoneElse.privateKey)), /^signature/],
  ['with other claims under its signature', forged(1, encode({ ...CLAIMS, sub: 'arn:aws:iam::111122223333:role/evil' })), /^signature/],
  ['with an empty signature', forged(2, ''), /^signature/],
  ['without an algorithm', token(CLAIMS, { alg: 'none', kid: 'current' }, () => Buffer.alloc(0)), /^algorithm: none/],
  ['signed with the public key as a secret', token(CLAIMS, { alg: 'HS256', kid: 'rsa' },
    data => createHmac('sha256', rsa.publicKey.export({ format: 'pem', type: 'spki' })).update(data).digest()), /^algorithm: HS256/],
  ['signed with another algorithm, though with a key of the issuer', token(CLAIMS, { alg: 'RS256', kid: 'rsa' }, rs256), /^algorithm: RS256/],
  ['that claims an algorithm its key is not for', token(CLAIMS, { alg: 'ES384', kid: 'rsa' }, rs256), /^signature/],
  ['signed on a weaker curve', token(CLAIMS, { alg: 'ES384', kid: 'weak' }, ecdsa(weak.privateKey)), /^signature/],
  ['with an unknown key', token(CLAIMS, { alg: 'ES384', kid: 'unknown' }), /^key: .*unknown/],
  ['without a key', token(CLAIMS, { alg: 'ES384' }), /^key/],
  ['of another issuer', token({ ...CLAIMS, iss: 'https://issuer.example.evil' }), /^issuer/],
  ['for another audience', token({ ...CLAIMS, aud: 'https://evil.example' }), /^audience/],
  ['for no audience', token({ ...CLAIMS, aud: undefined }), /^audience/],
  ['of another role', token({ ...CLAIMS, sub: `${PINNED.subject}2` }), /^subject/],
  ['that has expired', token({ ...CLAIMS, exp: NOW - 30 }), /^expired/],
  ['that never expires', token({ ...CLAIMS, exp: undefined }), /^expired/],
  ['whose start is no number', token({ ...CLAIMS, nbf: 'soon' }), /^not valid yet/],
  ['that is not valid yet', token({ ...CLAIMS, nbf: NOW + 31 }), /^not valid yet/],
  ['with two parts', token().split('.').slice(0, 2).join('.'), /^malformed/],
  ['that is no JSON', 'a.b.c', /^malformed/],
  ['whose header is no object', `${encode(null!)}.${encode(CLAIMS)}.`, /^malformed/],
  ['whose claims are no object', token(null!), /^malformed/],
  ['whose header has an extension that must be understood', token(CLAIMS, { alg: 'ES384', kid: 'current', crit: ['b64'], b64: false }), /^critical/],
])('a token %s is rejected', (_, forgery, reason) => {
  expect(() => checkToken(forgery, PINNED, KEYS, NOW)).toThrow(reason);
});

test('how far clocks may differ is the caller\'s choice', () => {
  const expired = token({ ...CLAIMS, exp: NOW - 1 });
  expect(checkToken(expired, PINNED, KEYS, NOW)).toBeDefined();
  expect(() => checkToken(expired, PINNED, KEYS, NOW, 0)).toThrow(/^expired/);
});
