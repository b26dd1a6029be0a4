import * as fs from 'fs';
import * as zlib from 'zlib';

const END_OF_CENTRAL_DIRECTORY = 0x06054b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 65_535;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_LOCATOR_LENGTH = 20;
const ZIP64_END_LENGTH = 56;
const ENTRY = 0x02014b50;
const ENTRY_LENGTH = 46;
const LOCAL_HEADER_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;
/** In bytes. */
const LARGEST_TEXT = 1_000_000;
/** The value of a field whose real value is in the ZIP64 record, because it is too large for the field. */
const IN_ZIP64 = 0xffffffff;

/** An entry of a ZIP file. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly compressedSize: number;
  /** The offset of its local header. */
  readonly offset: number;
}

/** Returns the entries of the central directory of a ZIP file; undefined if the file is not a ZIP file. */
export function zipEntries(file: string): ZipEntry[] | undefined {
  return reading(file, (read, size) => {
    const directory = centralDirectory(size, read);
    return directory && entriesIn(directory);
  });
}

/** Returns the names in the central directory of a ZIP file; undefined if the file is not a ZIP file. */
export function zipEntryNames(file: string): string[] | undefined {
  return zipEntries(file)?.map(({ name }) => name);
}

/** Returns the text of an entry; undefined if it cannot be read, or is larger than a text usually is. */
export function zipEntryText(file: string, entry: ZipEntry): string | undefined {
  if (entry.compressedSize > LARGEST_TEXT || entry.offset === IN_ZIP64) return undefined;
  return reading(file, read => {
    const header = read(entry.offset, LOCAL_HEADER_LENGTH);
    const data = read(entry.offset + LOCAL_HEADER_LENGTH + header.readUInt16LE(26) + header.readUInt16LE(28), entry.compressedSize);
    if (entry.method === STORED) return data.toString('utf8');
    return entry.method === DEFLATED ? inflated(data) : undefined;
  });
}

function inflated(data: Buffer): string | undefined {
  try {
    return zlib.inflateRawSync(data, { maxOutputLength: LARGEST_TEXT }).toString('utf8');
  } catch {
    return undefined;
  }
}

function reading<T>(file: string, use: (read: Read, size: number) => T | undefined): T | undefined {
  const descriptor = fs.openSync(file, 'r');
  try {
    const read = (offset: number, length: number) => {
      const buffer = Buffer.alloc(length);
      return buffer.subarray(0, fs.readSync(descriptor, buffer, 0, length, offset));
    };
    return use(read, fs.fstatSync(descriptor).size);
  } catch (error) {
    // A broken file contains offsets outside of the file.
    if ((error as Error).name === 'RangeError') return undefined;
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

type Read = (offset: number, length: number) => Buffer;

function centralDirectory(size: number, read: Read): Buffer | undefined {
  const tailStart = Math.max(0, size - END_LENGTH - LONGEST_COMMENT);
  const tail = read(tailStart, size - tailStart);
  for (let at = tail.length - END_LENGTH; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_OF_CENTRAL_DIRECTORY) continue;
    const length = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    if (length !== IN_ZIP64 && offset !== IN_ZIP64) return read(offset, Math.min(length, size));
    return zip64Directory(size, tailStart + at - ZIP64_LOCATOR_LENGTH, read);
  }
  return undefined;
}

function zip64Directory(size: number, locatorStart: number, read: Read): Buffer | undefined {
  if (locatorStart < 0) return undefined;
  const locator = read(locatorStart, ZIP64_LOCATOR_LENGTH);
  if (locator.readUInt32LE(0) !== ZIP64_LOCATOR) return undefined;
  const end = read(Number(locator.readBigUInt64LE(8)), ZIP64_END_LENGTH);
  return read(Number(end.readBigUInt64LE(48)), Math.min(Number(end.readBigUInt64LE(40)), size));
}

function entriesIn(directory: Buffer): ZipEntry[] {
  const entries: ZipEntry[] = [];
  for (let at = 0; at + ENTRY_LENGTH <= directory.length && directory.readUInt32LE(at) === ENTRY;) {
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength),
      method: directory.readUInt16LE(at + 10),
      compressedSize: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    });
    at += ENTRY_LENGTH + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}
