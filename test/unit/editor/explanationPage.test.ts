// What the panel shows of an explanation, whatever stands in it: every text is somebody else's.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatContent, remedyCommand } from '../../../src/editor/explanationPage';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { type Explanation, explainGone } from '../../../src/fleet/explain/explanation';
import { explained } from '../fleet/explained';
import { minute, now, shopFacts } from '../fleet/shop';

const sound = explained(shopFacts());
const fault: Explanation['faults'][number] = {
  link: 'written',
  code: 'marker-crosses',
  verdict: 'failed',
  text: 'the <b>marker</b> takes `staging/backend`',
  since: now - 3 * minute,
  place: { file: 'apps/a.yaml', line: 7 },
  evidence: [
    { of: 'Run 7', text: 'https://forge.example/run/7?a=1&b="2"' },
    { of: 'Log', text: 'see https://forge.example and javascript:alert(1)' },
  ],
  remedy: { text: 'Mend it.', command: 'repair', or: { text: 'Or roll back.', command: 'rollBack' } },
  steps: [{ what: 'Say "hello"', command: "echo '<hello>'" }],
};

function bodyOf(change: Partial<Explanation>): string {
  return formatContent({ ...sound, ...change }).body;
}

describe('the page of an explanation', () => {
  it('escapes every text, and links only what is an address and nothing else', () => {
    const body = bodyOf({ faults: [fault], verdict: 'failed' });
    assert.match(body, /The &lt;b&gt;marker&lt;\/b&gt; takes <code>staging\/backend<\/code>/);
    assert.match(body, /<pre [^>]*>echo &#39;&lt;hello&gt;&#39;<\/pre>/);
    const links = [...body.matchAll(/<a href="([^"]*)">/g)].map(([, address]) => address);
    assert.deepEqual(links, ['https://forge.example/run/7?a=1&amp;b=&quot;2&quot;']);
  });

  it('offers the remedy, the other way, the file, and each step to copy', () => {
    const body = bodyOf({ faults: [fault, fault], verdict: 'failed' });
    const buttons = [...body.matchAll(/<button[^>]*data-kind="(\w+)" data-fault="(\d)"[^>]*>([^<]*)</g)];
    assert.deepEqual(
      buttons.map(([, kind, index, text]) => `${kind} ${index} ${text}`),
      [0, 1].flatMap((index) => [
        `remedy ${index} Repair…`,
        `or ${index} Roll Back…`,
        `open ${index} apps/a.yaml:7`,
        `step ${index} Copy`,
      ]),
    );
    assert.match(body, /to be mended first · written, failed · for 3 min · marker-crosses/);
    assert.match(body, /also · written, failed/);
  });

  it('says who holds what for how long, with the way on', () => {
    const object = { kind: 'ImagePolicy', namespace: 'a', name: 'b' };
    const hold = {
      kind: 'suspended',
      text: 'It is suspended',
      object,
      tags: [],
      manager: 'flux',
      since: now - minute,
    } as const;
    const body = bodyOf({ holds: [hold] });
    assert.match(body, /<li>It is suspended · by flux · for 1 min<\/li>/);
    assert.match(body, /data-kind="resume">Resume…</);
  });

  it('gives the next step for what could not be seen, and says one reason once', () => {
    const problem = { code: 'context-not-chosen', message: 'No cluster is chosen.', remedy: 'chooseContext' } as const;
    const chain = sound.chain.map((link) => ({ ...link, link: { state: 'unknown', problem } as const }));
    const body = bodyOf({ chain, unseen: [problem, { code: 'timed-out', message: 'Slow.', remedy: 'refresh' }] });
    assert.match(
      body,
      /No cluster is chosen\. <button class="link" data-kind="unseen" data-fault="0">Choose Context…</,
    );
    assert.match(body, /<li>Slow\.<\/li>/);
    assert.equal(body.match(/<span class="why">/g)?.length, 1);
    assert.deepEqual([remedyCommand('chooseContext'), remedyCommand('toString')], ['chooseContext', undefined]);
  });

  it('tells nothing of what has gone', () => {
    const gone = explainGone(deriveFleet(shopFacts()), { service: 'web', environment: 'test' }, now);
    const { headline, body } = formatContent(gone);
    assert.match(headline, /It is not there any more/);
    assert.match(body, /does not declare web in test any more/);
    assert.doesNotMatch(body, /link by link/);
  });
});
