import * as fs from 'fs';
import * as path from 'path';
import { strToU8, zipSync } from 'fflate';
import { zipEntryNames } from '../../src/private/zip';
import { directoryWith } from '../support/directories';

const ENTRIES = { 'Dockerfile': strToU8('FROM x'), 'app/é.txt': strToU8('text') };

function file(content: Uint8Array): string {
  const name = path.join(directoryWith({}), 'code.zip');
  fs.writeFileSync(name, content);
  return name;
}

/** The same ZIP file with its sizes and offsets in ZIP64 records. */
function asZip64(zip: Buffer): Buffer {
  const end = Buffer.from(zip.subarray(zip.length - 22));
  const before = zip.subarray(0, zip.length - 22);
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(BigInt(end.readUInt32LE(12)), 40);
  record.writeBigUInt64LE(BigInt(end.readUInt32LE(16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(before.length), 8);
  end.writeUInt32LE(0xffffffff, 12);
  end.writeUInt32LE(0xffffffff, 16);
  return Buffer.concat([before, record, locator, end]);
}

describe('the names of the entries of a ZIP file', () => {
  test('are those of its central directory', () => {
    expect(zipEntryNames(file(zipSync(ENTRIES)))).toEqual(['Dockerfile', 'app/é.txt']);
    expect(zipEntryNames(file(zipSync({})))).toEqual([]);
  });

  test('are found in ZIP64 files', () => {
    expect(zipEntryNames(file(asZip64(Buffer.from(zipSync(ENTRIES)))))).toEqual(['Dockerfile', 'app/é.txt']);
  });

  test('are undefined for a file that is not a ZIP file', () => {
    for (const content of ['', 'PK', 'x'.repeat(100_000)]) expect(zipEntryNames(file(Buffer.from(content)))).toBeUndefined();
  });

  test('are undefined or incomplete for a broken file, without an error', () => {
    const zip = Buffer.from(zipSync(ENTRIES));
    for (let at = zip.length - 22; at < zip.length; at++) {
      const broken = Buffer.from(zip);
      broken[at] = 0xfe;
      expect(() => zipEntryNames(file(broken))).not.toThrow();
      const broken64 = asZip64(zip);
      broken64[broken64.length - 1 - (zip.length - at)] = 0xfe;
      expect(() => zipEntryNames(file(broken64))).not.toThrow();
    }
  });
});
