import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { openWorkbench, type Workbench } from '../workbench';

const policy = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: backend
  namespace: production
spec:
  imageRepositoryRef:
    name: backend
  filterTags:
    pattern: '^production-v[0-9]+$'
  policy:
    alphabetical: {}
`;

for (const trusted of [true, false]) {
  describe(`the package in a ${trusted ? 'trusted' : 'restricted'} folder`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'flux-promote-ui-'));
    let bench: Workbench;

    before(async () => {
      writeFileSync(join(folder, 'note.yaml'), 'kind: Note\nname: one\n');
      bench = await openWorkbench({ folder, trusted });
    });

    after(async () => {
      await bench.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('shows its log on request', async () => {
      await bench.log();
      await bench.screenshot(`log-${trusted ? 'trusted' : 'restricted'}`);
    });

    it('explains a policy from its text alone', async () => {
      const file = join(folder, 'policy.yaml');
      writeFileSync(file, policy);
      await bench.openFile(file, 10, 18);
      await bench.page
        .locator('.codelens-decoration a', { hasText: 'no tags known: open the Environments view' })
        .waitFor();
      assert.match(await bench.hover(), /Every matching tag begins with production-v/);
      await bench.press('Escape');
    });

    it('leaves files readable', async () => {
      await bench.openFile(join(folder, 'note.yaml'), 2);
      assert.match(await bench.editor().innerText(), /kind:\s*Note/);
      await bench.screenshot(`file-${trusted ? 'trusted' : 'restricted'}`);
    });
  });
}
