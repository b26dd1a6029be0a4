import { redact } from '../../../src/handlers/engine/redact';

const secret = 'pass "word" & more';

describe('a secret is replaced', () => {
  test.each([
    ['in JSON', JSON.stringify(secret)],
    ['in JSON within JSON', JSON.stringify(JSON.stringify({ secret })).slice('"{\\"secret\\":'.length, -'}"'.length)],
    ['in a URL', encodeURIComponent(secret)],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in hexadecimal digits', Buffer.from(secret).toString('hex')],
    ['in hexadecimal digits of upper case', Buffer.from(secret).toString('hex').toUpperCase()],
    ['in upper case', secret.toUpperCase()],
    ['with another case', 'Pass "Word" & More'],
  ])('%s', (_, encoded) => {
    expect(redact(`value=${encoded}.`, [secret])).toMatch(/^value=(\\*")?\*\*\*(\\*")?\.$/);
  });

  test.each(['base64', 'base64url'] as const)('in %s, without its padding', encoding => {
    const value = 'pass>>>word??';
    expect(redact(Buffer.from(value).toString(encoding).replace(/=+$/, ''), [value])).toBe('***');
  });

  // Each number of characters before and after it shifts the base64 of the secret.
  test.each(['u', 'us', 'use', 'user', 'user7'].flatMap(user => ['', '\n', ':x'].map(after => ({ user, after }))))(
    'in the base64 of an HTTP header, %j', ({ user, after }) => {
      for (const value of ['passw0rd', 'passw0rd1', 'passw0rd12', '>>>???>>>???', 'p\u00e4ssw\u00f6rter']) {
        for (const encoding of ['base64', 'base64url'] as const) {
          const before = Buffer.from(`${user}:`).toString(encoding).replace(/=+$/, '');
          const redacted = redact(`Basic ${Buffer.from(`${user}:${value}${after}`).toString(encoding)}`, [value]);
          expect(redacted).toMatch(/^Basic [\w+/-]{0,8}\*\*\*[\w+/-]{0,4}={0,2}$/);
          // What is left says no more than the characters before, and six bits of the secret.
          expect(redacted.slice('Basic '.length, redacted.indexOf('***')).length).toBeLessThanOrEqual(before.length + 1);
        }
      }
    });

  test('without the white space around it', () => {
    expect(redact('password is hunter2hunter2', ['hunter2hunter2 '])).toBe('password is ***');
  });

  test('line by line', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQEF\n-----END KEY-----';
    expect(redact('read MIIEvQIBADANBg and kqhkiG9w0BAQEF', [key])).toBe('read *** and ***');
    expect(redact(`read ${key}`, [key])).toBe('read ***');
    expect(redact(`read ${JSON.stringify(key)}`, [key])).toBe('read "***"');
  });

  test.each(['hunter2\nhunter2', 'hunter2\r\nhunter2', 'hun  \n\t ter2hunter2', 'h\nunter\n2hunter2', 'hunter2hunter\n2'])('if line breaks divide it: %j', text => {
    expect(redact(`password ${text}, it said`, ['hunter2hunter2'])).toBe('password ***, it said');
  });

  test('if line breaks divide its base64', () => {
    const encoded = Buffer.from('another-password-of-many-words').toString('base64');
    expect(redact(`${encoded.slice(0, 20)}\n${encoded.slice(20)}`, ['another-password-of-many-words'])).toBe('***');
  });

  test('wherever it occurs', () => {
    expect(redact('passw0rd passw0rd', ['passw0rd'])).toBe('*** ***');
    expect(redact('passw0rdpassw0rd1', ['passw0rd'])).toBe('******1');
  });

  test('with what overlaps it, so that no part is left', () => {
    expect(redact('token longer-passw0rd', ['passw0rd', 'longer-passw0rd'])).toBe('token ***');
    expect(redact('aaaaaaaa1aaaaaaaa1aaaaaaaa', ['aaaaaaaa1aaaaaaaa'])).toBe('***');
  });

  test('where characters have another length in lower case', () => {
    expect(redact('\u0130\u0130 is passw0rd\u0130, or PASSW0RD\u0130!', ['passw0rd\u0130'])).toBe('\u0130\u0130 is ***, or ***!');
  });
});

test('a text without secrets does not change', () => {
  const text = ' first \r\n\tsecond  \n\n';
  expect(redact(text, [])).toBe(text);
  expect(redact(text, ['passw0rd'])).toBe(text);
  expect(redact('', ['passw0rd'])).toBe('');
});

test('a value with less than eight characters is not replaced, because it is likely to be part of ordinary words', () => {
  expect(redact('the server is in use, which is true', ['server', 'true', ''])).toBe('the server is in use, which is true');
  expect(redact('12345678', ['12345678'])).toBe('***');
});

describe('a value that is likely to be a word', () => {
  test.each([
    ['stays in a longer name', "microvm image 'production-api' failed", "microvm image 'production-api' failed"],
    ['stays at the end of a name', "stack 'api_production'", "stack 'api_production'"],
    ['stays in a longer word', 'the productions', 'the productions'],
    ['is replaced where it stands alone', 'STAGE=production, "production" Production', 'STAGE=***, "***" ***'],
    ['is replaced in a URL', 'https://admin:production@example.com/production', 'https://admin:***@example.com/***'],
    ['is replaced at the end of a line', 'is\nproduction\nmode', 'is\n***\nmode'],
    ['is replaced in base64', `Basic ${Buffer.from('abc:production').toString('base64')}`, 'Basic YWJjOn***4='],
  ])('%s', (_, text, redacted) => {
    expect(redact(text, ['production'])).toBe(redacted);
  });

  test.each(['production1', 'Production', 'production-', 'verylongpassword'])('is not one that only looks similar: %s', value => {
    expect(redact(`x-${value}-y`, [value])).toBe('x-***-y');
  });
});

test('the search for secrets takes a moment only, whatever the text', () => {
  const started = Date.now();
  const text = `${' '.repeat(200_000)}\n`.repeat(5);
  expect(redact(text, ['passw0rd'])).toBe(text);
  expect(Date.now() - started).toBeLessThan(5_000);
});
