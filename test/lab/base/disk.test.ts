import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { listFolder } from '../../../src/base/disk';
import { removeFolder, temporaryFolder, write } from '../gitFixture';

describe('listFolder', () => {
  let folder = '';
  beforeEach(() => {
    folder = temporaryFolder();
    write(folder, { 'b.yaml': '', 'a/c.yaml': '', 'node_modules/d.yaml': '' });
  });
  afterEach(() => removeFolder(folder));

  const isEntered = (name: string): boolean => name !== 'node_modules';

  it('lists what lies at and below a folder', async () => {
    assert.deepEqual(await listFolder(folder, isEntered, 2), ['a/c.yaml', 'b.yaml']);
  });

  it('gives up on a disk full of files with a sentence', async () => {
    await assert.rejects(
      listFolder(folder, isEntered, 1),
      /more than 1 files. Name the folder of your GitOps repository/,
    );
  });
});
