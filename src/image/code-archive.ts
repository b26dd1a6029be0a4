import { createHash } from 'crypto';
import type { Hash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { Stage } from 'aws-cdk-lib';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { CodeFile } from './code-files';

/** With this context, users change all hashes of assets. */
const SALT = '@aws-cdk/core:assetHashSalt';
const CHUNK_BYTES = 1024 * 1024;

/** The hashes of files that several images of an app share. */
const HASHES = new WeakMap<readonly CodeFile[], string>();

/**
 * Creates an asset of these files. Its hash covers the path, the bytes and the executable bit of each file. CDK's own
 * hash ignores modes and takes CRLF for LF. Empty directories do not count: neither the ZIP file of the CDK CLI nor a
 * clone of a repository has them.
 */
export function archiveAsset(scope: Construct, files: readonly CodeFile[]): assets.Asset {
  const sorted = [...files].sort((one, other) => one.path < other.path ? -1 : 1);
  const content = HASHES.get(files) ?? hashOf(sorted);
  HASHES.set(files, content);
  const hash = sha256(JSON.stringify([content, scope.node.tryGetContext(SALT)]));
  return new assets.Asset(scope, 'Code', { path: staged(Stage.of(scope)!.assetOutdir, hash, sorted), assetHash: hash });
}

function hashOf(files: readonly CodeFile[]): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const { path: name, source, executable } of files) {
    hash.update(JSON.stringify([name, executable]));
    if (typeof source === 'string') hashFile(hash, source, buffer);
    else hash.update(`${Buffer.byteLength(source.text)}:${source.text}`);
  }
  return hash.digest('hex');
}

function hashFile(hash: Hash, file: string, buffer: Buffer): void {
  const descriptor = fs.openSync(file, 'r');
  try {
    hash.update(`${fs.fstatSync(descriptor).size}:`);
    for (let read; (read = fs.readSync(descriptor, buffer, 0, CHUNK_BYTES, null)) > 0;) hash.update(buffer.subarray(0, read));
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Copies the files to where CDK stages the asset with this hash, unless an earlier synthesis has done that. CDK keeps
 * the extension of what it stages. So it finds that source and target are the same, and copies nothing. If CDK chooses
 * another name in a later release, it copies the directory once more.
 */
function staged(outdir: string, hash: string, files: readonly CodeFile[]): string {
  const directory = path.join(outdir, `asset.${sha256(hash)}.microvm`);
  if (fs.existsSync(directory)) return directory;
  // Another name until it is complete: an interrupted synthesis must not leave half of the files under this name.
  const incomplete = fs.mkdtempSync(`${directory}-`);
  try {
    const made = new Set([incomplete]);
    for (const file of files) {
      const target = path.join(incomplete, file.path);
      const parent = path.dirname(target);
      if (!made.has(parent)) fs.mkdirSync(parent, { recursive: true });
      made.add(parent);
      write(file, target);
    }
    fs.chmodSync(incomplete, 0o755);
    fs.renameSync(incomplete, directory);
  } catch (error) {
    fs.rmSync(incomplete, { recursive: true, force: true });
    // Another synthesis was faster.
    if (!fs.existsSync(directory)) throw error;
  }
  return directory;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Gives files the same mode whatever the umask was, because the mode is in the ZIP file. */
function write({ source, executable }: CodeFile, target: string): void {
  if (typeof source === 'string') fs.copyFileSync(source, target, fs.constants.COPYFILE_FICLONE);
  else fs.writeFileSync(target, source.text);
  fs.chmodSync(target, executable ? 0o755 : 0o644);
}
