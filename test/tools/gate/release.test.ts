import type { Tree } from '../../../tools/gate/release';
import { reasonsAgainst } from '../../../tools/gate/release';

const TREE: Tree = { version: '0.1.0', lockedVersion: '0.1.0', changelog: '# Changelog\n\n## [0.1.0]\n\n### Added\n\n- Images.\n', changes: '' };

describe('a release', () => {
  test('needs a committed tree whose version is in the changelog', () => {
    expect(reasonsAgainst(TREE)).toEqual([]);
  });

  test('fails on changes that are not committed', () => {
    expect(reasonsAgainst({ ...TREE, changes: ' M README.md' })).toEqual(['there are changes that are not committed:\n M README.md']);
  });

  test('fails on a version that is not valid, or older than 0.1.0', () => {
    const rejected = (version: string) =>
      reasonsAgainst({ ...TREE, version, lockedVersion: version, changelog: `## [${version}]\n\n- Images.` });
    for (const version of ['0.0.0', '0.0.9', '1.0', '1.0.0-rc.1', '01.0.0', 'v1.0.0']) {
      expect(rejected(version)).toEqual([`the version ${version} is not a semantic version from 0.1.0 on`]);
    }
    for (const version of ['0.2.10', '1.0.0', '12.3.4']) expect(rejected(version)).toEqual([]);
  });

  test('fails on a lock file of another version', () => {
    expect(reasonsAgainst({ ...TREE, lockedVersion: '0.0.9' })).toEqual(['package-lock.json has the version 0.0.9, package.json has 0.1.0']);
  });

  test('fails without a section of the changelog, or with an empty one', () => {
    for (const changelog of ['## [Unreleased]\n\n- 0.1.0\n', '## [0.1.0]\n\n## [0.0.1]\n\n- Images.\n', '## [0.1.01]\n\n- Images.\n']) {
      expect(reasonsAgainst({ ...TREE, changelog })).toEqual(["CHANGELOG.md has no section '## [0.1.0]' with content"]);
    }
  });
});
