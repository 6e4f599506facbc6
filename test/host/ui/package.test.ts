import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { openWorkbench, type Workbench } from '../workbench';

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
      await bench.palette('Flux Promote: Show Log');
      await bench.page
        .locator('.part.panel option:checked', { hasText: 'Flux Promote' })
        .first()
        .waitFor({ state: 'attached' });
      await bench.screenshot(`log-${trusted ? 'trusted' : 'restricted'}`);
    });

    it('leaves files readable', async () => {
      await bench.openFile(join(folder, 'note.yaml'), 2);
      assert.match(await bench.editor().innerText(), /kind:\s*Note/);
      await bench.screenshot(`file-${trusted ? 'trusted' : 'restricted'}`);
    });
  });
}
