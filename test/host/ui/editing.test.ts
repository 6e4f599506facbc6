// A policy of the lab as a person meets it in the editor: what it selects, why, and what is marked on its lines.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { makeLab, type SuiteLab } from '../lab';
import { openWorkbench, type Workbench } from '../workbench';

const policyFile = 'flux/apps/backend/production/image-policy.yaml';
const overlayFile = 'flux/apps/backend/production/kustomization.yaml';

describe('a policy in the editor', () => {
  let lab: SuiteLab;
  let bench: Workbench;

  before(async () => {
    lab = await makeLab();
    bench = await openWorkbench({ folder: lab.workspace });
  });

  after(async () => {
    await bench.close();
    await lab.remove();
  });

  const lens = (text: RegExp) => bench.page.locator('.codelens-decoration a').filter({ hasText: text });

  it('says what it selects, and every tag with the reason', async () => {
    await bench.openFile(join(lab.workspace, policyFile), 1);
    // In the lab's own window the lesson looks on, so the tags are known though no view has been opened.
    const [first = '', ...others] = await bench.rowsBehind(lens(/^selects production-v\S+ of \d+ tags$/));
    assert.match(first, /production-v\S+, key \d+, selected/);
    assert.ok(
      others.some((row) => /ranks lower/.test(row)),
      others.join('\n'),
    );
    await bench.screenshot('editing-selection');
    await bench.press('Escape');
  });

  it('says what an edit would select', async () => {
    const policy = await lab.read(policyFile);
    await writeFile(join(lab.workspace, policyFile), policy.replace("'^production-v", "'^staging-v"));
    await lens(/^selects production-v\S+ of \d+ tags · would select staging-v/).waitFor();
    await bench.screenshot('editing-would-select');
    await writeFile(join(lab.workspace, policyFile), policy);
    await lens(/^selects production-v\S+ of \d+ tags$/).waitFor();
  });

  it('explains the pattern and the tag', async () => {
    const lines = (await lab.read(policyFile)).split('\n');
    await bench.openFile(join(lab.workspace, policyFile), 1 + lines.findIndex((line) => /pattern:/.test(line)), 18);
    assert.match(await bench.hover(), /Matches \d+ of \d+ known tags/);
    await bench.screenshot('editing-pattern');
    await bench.press('Escape');
    const overlay = (await lab.read(overlayFile)).split('\n');
    const line = overlay.findIndex((one) => /newTag:/.test(one));
    await bench.openFile(join(lab.workspace, overlayFile), 1 + line, 18);
    const text = await bench.hover();
    assert.match(text, /Runs in production\./);
    assert.match(text, /Digest sha256:/);
    await bench.screenshot('editing-tag');
  });
});
