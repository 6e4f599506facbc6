import assert from 'node:assert/strict';
import { array, assert as checkAll, constantFrom, letrec, oneof, property, tuple } from 'fast-check';
import { describe, it } from 'mocha';
import { parseYaml } from '../../../src/manifests/documents';
import { nodeOf, type PlaceOf, plainOf, type TreeNode } from '../../../src/manifests/nodes';
import { readPlainBlocks } from '../../../src/manifests/plainBlocks';
import { readMarkerVectors, readOverlayVectors } from './vectors';

const placeOf: PlaceOf = (start, end) => ({ file: 'a.yaml', range: { start, end }, line: 1 });

/** With the places, which are worked out when they are asked for. */
function show(node: TreeNode | undefined): unknown {
  if (node?.type === 'mapping') return new Map([...node.fields].map(([name, value]) => [name, show(value)]));
  if (node?.type === 'sequence') return node.items.map(show);
  return node && { text: node.text, value: node.value, isPlain: node.isPlain, origin: node.origin };
}

/** Whether the text was plain enough; if so, it reads as the whole YAML reader has it, places included. */
function agrees(text: string): boolean {
  const found = readPlainBlocks(text, placeOf);
  if (found === undefined) return false;
  const documents = parseYaml(text);
  assert.deepEqual(
    documents.flatMap(({ errors }) => errors.map(({ message }) => message)),
    [],
    text,
  );
  assert.deepEqual(
    found.map(show),
    documents.map((document) => show(nodeOf(document, placeOf))),
    text,
  );
  assert.deepEqual(
    found.map(plainOf),
    documents.map((document) => document.toJS()),
    text,
  );
  return true;
}

const plain: readonly string[] = [
  'kind: Kustomization\nresources:\n- a.yaml\n- ../b # why\nimages:\n  - name: web\n    newTag: v1 # {"$imagepolicy": "a:b:tag"}\n',
  '# head\n---\na: b\n--- # next\na:\n  # inside\n  b: "x: #y"\n\n  c: \'\'\n',
  'a: 1\nb: true\nc: 100m\nd: 1.2.3\ne: http://x/y?z=1:2\nf: ^a-(?P<ts>.*)$\ng: a#b\nh: -x\ni: 0',
  'a:\n  - b: c\n    d:\n      - e: f\n  -   g: h\n      i: j\n',
  'a: "b" # c\n',
];

const notPlain: readonly string[] = [
  '',
  '# only\n',
  '---\n',
  'a: b\n---\n',
  'a:\n',
  'a: ~\n',
  'a: null\n',
  'a: [b]\n',
  'a: {}\n',
  'a: &x b\n',
  'a: *x\n',
  'a: !!str b\n',
  'a: |\n  b\n',
  'a: b\n  c\n',
  'a: "b\\n"\n',
  "a: 'it''s'\n",
  'a: 0x1f\n',
  'a: 1.5\n',
  'a: .inf\n',
  'a: True\n',
  'a: b: c\n',
  'a: b:\n',
  'a:\tb\n',
  'a: b\r\n',
  '- a\n',
  '-\n',
  'a: b\na: c\n',
  '<<: b\n',
  'true: b\n',
  'a:\n  - b\n - c\n',
  'a: b\n  c: d\n',
  'a:\n    b: c\n  d: e\n',
  '%YAML 1.1\n---\na: b\n',
  'a: b\n...\n',
  'a: b\u2028c\n',
  'a: - b\n',
  'a: @b\n',
  '{{ x }}\n',
  'a: {{ x }}\n',
  '"a": b\n',
  '? a\n: b\n',
  'a: b\n--- c\n',
  'a:\n- b\n  c\n',
  'a:\n- - b\n',
  "a: 'b' c\n",
  'a: 012\n',
];

describe('plain blocks', () => {
  it('are read as the whole YAML reader reads them', () => {
    for (const text of plain) assert.ok(agrees(text), text);
  });

  it('are nothing else', () => {
    for (const text of notPlain) assert.equal(readPlainBlocks(text, placeOf), undefined, text);
  });

  it('agree on every file of the recorded vectors, and are most of them', () => {
    const texts = [
      ...readOverlayVectors('overlays.jsonl.gz').flatMap(({ files }) => Object.values(files)),
      ...readOverlayVectors('overlays-adversarial.jsonl.gz').flatMap(({ files }) => Object.values(files)),
      ...readMarkerVectors('markers.jsonl.gz').map(({ before }) => before),
      ...readMarkerVectors('markers-adversarial.jsonl.gz').map(({ before }) => before),
    ];
    const unique = [...new Set(texts)];
    const read = unique.filter(agrees).length;
    assert.ok(read > unique.length / 4, `${read} of ${unique.length}`);
  });

  it('agree on whatever lines come together', () => {
    const word = constantFrom(
      'a',
      'b: ',
      'c',
      'name',
      ' ',
      '  ',
      ': ',
      ':',
      '-',
      '- ',
      '#',
      ' # x',
      '\n',
      '\n',
      '\n  ',
      '\n- ',
      '\n  - ',
      '"x"',
      "'y'",
      '1',
      '1.0',
      'true',
      '~',
      '---\n',
      '\n---\n',
      '|',
      '>',
      '[',
      '{',
      '&',
      '*',
      '!',
      '?',
      '%',
      '@',
      '<<',
      '=',
      '\\',
      '.',
      'é',
      '/',
    );
    checkAll(
      property(array(word, { maxLength: 14 }), (words) => void agrees(words.join(''))),
      { numRuns: 3000 },
    );
  });

  it('agree on nested blocks', () => {
    const scalar = constantFrom('x', '"q: #"', "'s'", '12', 'true', 'a b', 'v1 # why', '-x', '1e3', 'x: y', '#c', '');
    const { block } = letrec<{ block: readonly string[]; line: readonly string[] }>((tie) => ({
      line: oneof(
        { maxDepth: 4 },
        tuple(constantFrom('a', 'b', 'c', 'd/e'), scalar).map(([key, value]) => [`${key}: ${value}`]),
        tuple(constantFrom('f', 'g', 'h'), tie('block'), constantFrom('  ', '    ')).map(([key, lines, indent]) => [
          `${key}:`,
          ...lines.map((line) => indent + line),
        ]),
        tuple(constantFrom('k', 'l'), array(tie('block'), { minLength: 1, maxLength: 3 }), constantFrom('', '  ')).map(
          ([key, items, indent]) => [
            `${key}:`,
            ...items.flatMap((lines) => lines.map((line, at) => indent + (at === 0 ? '- ' : '  ') + line)),
          ],
        ),
        tuple(constantFrom('m', 'n'), array(scalar, { minLength: 1, maxLength: 3 })).map(([key, items]) => [
          `${key}:`,
          ...items.map((item) => `- ${item}`),
        ]),
      ),
      block: array(tie('line'), { minLength: 1, maxLength: 4 }).map((lines) => lines.flat()),
    }));
    checkAll(
      property(block, (lines) => void agrees(`${lines.join('\n')}\n`)),
      { numRuns: 2000 },
    );
  });
});
