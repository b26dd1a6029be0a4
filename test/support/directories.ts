import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

/** Creates a temporary directory with these files. */
export function directoryWith(files: Record<string, string>): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-lambda-microvms-test-'));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    fs.writeFileSync(path.join(directory, name), text);
  }
  return directory;
}
