// 0 differences against kustomize api 0.21.1, the texts of its refusals included.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readImages } from '../../../src/manifests/effectiveImages';
import { buildOverlay } from '../../../src/manifests/overlay';
import { treeOf } from '../../../src/manifests/tree';
import { readOverlayVectors } from './vectors';

describe('overlays against kustomize', () => {
  it('come out with the same images or the same error', () => {
    for (const vector of readOverlayVectors('overlays.jsonl.gz')) {
      const built = buildOverlay(treeOf(vector.files), vector.root);
      const images = readImages(built).map(({ kind, name, namespace, container, image }) =>
        [kind, name, namespace, container, image].join(' '),
      );
      const wanted = vector.images.map(({ Kind, Name, Namespace, Container, Image }) =>
        [Kind, Name, Namespace, Container, Image].join(' '),
      );
      assert.deepEqual(images.sort(), wanted.sort(), JSON.stringify(vector.files));
      assert.equal(built.error, vector.error);
      assert.deepEqual(built.unsupported, []);
    }
  });

  it('say of every image where its tag is written', () => {
    for (const vector of readOverlayVectors('overlays.jsonl.gz')) {
      for (const { image, origin } of readImages(buildOverlay(treeOf(vector.files), vector.root))) {
        assert.ok(origin !== undefined);
        const text = (vector.files[origin.file] ?? '').slice(origin.range.start, origin.range.end);
        const written = text.replace(/^["']|["']$/g, '');
        const tag = /[:@][^/]*$/.exec(image)?.[0] ?? '';
        assert.ok(image.includes(written) || written.endsWith(tag), `${image} from ${text}`);
        assert.equal(vector.files[origin.file]?.split('\n')[origin.line - 1]?.includes(text), true);
      }
    }
  });

  // The second file holds patches and kustomizations that are empty, half written or aimed at what is not there; the third
  // containers without a name or with the same one, images that are no texts, and patches that replace or delete.
  for (const [name, least] of [
    ['overlays-adversarial.jsonl.gz', 500],
    ['overlays-hostile.jsonl.gz', 200],
    ['overlays-nameless.jsonl.gz', 115],
  ] as const) {
    it(`agree on ${name} too, or say what they do not evaluate`, () => assert.ok(compareOdd(name) > least));
  }
});

function compareOdd(name: string): number {
  let compared = 0;
  for (const vector of readOverlayVectors(name)) {
    const built = buildOverlay(treeOf(vector.files), vector.root);
    if (built.unsupported.length > 0) continue;
    compared += 1;
    const context = JSON.stringify({ files: vector.files, error: built.error, wanted: vector.error });
    assert.equal(built.error !== undefined, vector.error !== undefined, context);
    assert.deepEqual(
      readImages(built)
        .map(({ kind, name: object, namespace, container, image }) =>
          [kind, object, namespace, container, image].join(' '),
        )
        .sort(),
      vector.images
        .map(({ Kind, Name, Namespace, Container, Image }) => [Kind, Name, Namespace, Container, Image].join(' '))
        .sort(),
      context,
    );
  }
  return compared;
}
