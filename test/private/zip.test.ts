import * as fs from 'fs';
import * as path from 'path';
import { strToU8, zipSync } from 'fflate';
import { zipEntries, zipEntryNames, zipEntryText } from '../../src/private/zip';
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

describe('the text of an entry of a ZIP file', () => {
  const textIn = (name: string) => zipEntryText(name, zipEntries(name)!.find(entry => entry.name === 'Dockerfile')!);

  test.each<[string, 0 | 6]>([['stored', 0], ['compressed', 6]])('is read if it is %s', (_, level) => {
    expect(textIn(file(zipSync({ 'a.txt': strToU8('a'.repeat(1000)), 'Dockerfile': strToU8('FROM é\n'.repeat(100)) }, { level })))).toBe('FROM é\n'.repeat(100));
  });

  test('is undefined if it is compressed in another way, broken, or much larger than a text', () => {
    const broken = (offset: number, value: number) => {
      const zip = Buffer.from(zipSync(ENTRIES));
      zip.writeUInt16LE(value, zip.indexOf(Buffer.from('504b0102', 'hex')) + offset);
      return file(zip);
    };
    expect(textIn(broken(10, 12))).toBeUndefined();
    expect(textIn(broken(42, 40))).toBeUndefined();
    expect(textIn(broken(44, 0x7fff))).toBeUndefined();
    expect(textIn(broken(22, 0x7fff))).toBeUndefined();
    expect(textIn(file(zipSync({ Dockerfile: strToU8('#'.repeat(2_000_000)) })))).toBeUndefined();
  });
});
