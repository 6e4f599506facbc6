// The marks in the texts are the reasons: `#!above-key` at the end of a line expects that reason on that line, no mark none.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findDeadMarkers } from '../../../src/manifests/deadMarkers';
import { findMarkers } from '../../../src/manifests/markers';

const marker = '{"$imagepolicy": "ns:p"}';

function check(name: string, marked: string, file = 'x.yaml'): void {
  it(name, () => {
    const wanted: string[] = [];
    const lines = marked
      .replaceAll('<M>', marker)
      .split('\n')
      .map((line, index) => {
        const mark = /«([\w-]+)»$/.exec(line);
        if (mark !== null) wanted.push(`${index + 1} ${mark[1]}`);
        return line.replace(/«[\w-]+»$/, '');
      });
    const found = findDeadMarkers(file, lines.join('\n'));
    assert.deepEqual(
      found.map(({ line, because }) => `${line} ${because}`),
      wanted,
    );
  });
}

describe('findDeadMarkers', () => {
  check(
    'leaves working markers and other comments alone',
    'image: a:1 # <M>\ntags:\n  # <M>\n  - a\n  - b # <M>\n# a comment\nx: 1 # why\n',
  );
  check('above a key', '# <M>«above-key»\nimage: a:1\nb:\n  # <M>«above-key»\n  c: d\n');
  check('behind a key', 'image: # <M>«behind-key»\n  a:1\nother: # <M>«behind-key»\n');
  check('behind a flow collection', 'a: {b: c} # <M>«flow-collection»\nd: [e] # <M>«flow-collection»\n');
  check('behind an alias', 'a: &x a:1 # <M>\nb: *x # <M>«alias»\n');
  check(
    'inside a block and a quoted text',
    'a: |\n  image: a:1 # <M>«in-text»\nb: "x # \\"$imagepolicy\\" y"«in-text»\nc: | # <M>\n  text\n',
  );
  check(
    'malformed',
    "a: b # note <M>«malformed»\nc: d # <M> note«malformed»\ne: f # {'$imagepolicy': 'ns:p'}«malformed»\n",
  );
  check(
    'malformed although no line has the exact token',
    'e: f # {\'$imagepolicy\': \'ns:p\'}«malformed»\ng: h # {"$imagePolicy": "ns:p"}«malformed»\n',
  );
  check(
    'of no form that a policy could have',
    'a: b # {"$imagepolicy": "p"}«setter»\nc: d # {"$imagepolicy": "ns/p"}«setter»\ne: f # {"$imagepolicy": "ns:p:version"}«setter»\n',
  );
  check('in a list file', '- op: replace\n  value: a:1 # <M>«top-level-list»\n');
  check('in a list object', 'kind: List\nitems:\n  - kind: X\n    a: b # <M>«list-object»\n');
  check('in a broken file', 'a: b # <M>«broken»\nc: {{ .Values\n');
  check('behind a bad separator', 'a: b # <M>«separator»\n--- x\nc: d\n');
  check('in a file of another name', 'a: b # <M>«file-name»\n', 'values.yaml.tpl');

  it('guesses what was meant', () => {
    const [dead] = findDeadMarkers('x.yaml', "a: b # {'$imagepolicy': 'ns/p:tag'}\n");
    assert.equal(dead?.setter, 'ns:p:tag');
  });
});

describe('findMarkers', () => {
  it('says where the scalar is, what it belongs to and how it is written', () => {
    const text = `apiVersion: apps/v1\r\nkind: Deployment\r\nmetadata:\r\n  name: web\r\n  namespace: prod\r\nspec:\r\n  containers:\r\n    - image: 'a:1' # ${marker}\r\n`;
    const [found] = findMarkers('apps/web.yaml', text);
    assert.ok(found);
    assert.equal(text.slice(found.range.start, found.range.end), "'a:1'");
    assert.equal(text.slice(found.comment.start, found.comment.end), `# ${marker}`);
    assert.deepEqual(
      { ...found, range: undefined, comment: undefined },
      {
        file: 'apps/web.yaml',
        setter: 'ns:p',
        namespace: 'ns',
        policy: 'p',
        part: 'image',
        value: 'a:1',
        range: undefined,
        comment: undefined,
        line: 8,
        isPlain: false,
        isBlock: false,
        path: ['spec', 'containers', 0, 'image'],
        documentIndex: 0,
        object: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'prod' },
        isStray: false,
      },
    );
  });
});
