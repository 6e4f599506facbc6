import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { deriveLineage, type PodImage } from '../../../src/fleet/lineage';
import { formatLineage } from '../../../src/fleet/lineageFormats';
import type { ImageManifest, Lineage, LineageVerdict, ResolvedImage } from '../../../src/model/lineage';
import { known, type Reading, unknown } from '../../../src/model/reading';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const [a, b, c, x, y] = ['a', 'b', 'c', 'd', 'e'].map((letter) => `sha256:${letter.repeat(64)}`) as [
  string,
  string,
  string,
  string,
  string,
];

const plain = (digest: string, configuration?: string): ResolvedImage => ({
  digest,
  mediaType: manifestType,
  manifests: [{ digest, ...(configuration === undefined ? {} : { configuration }) }],
  labels: {},
});
const index = (digest: string, manifests: readonly ImageManifest[]): ResolvedImage => ({
  digest,
  mediaType: indexType,
  manifests,
  labels: {},
});
const labelled = (image: ResolvedImage, revision: string): ResolvedImage => ({
  ...image,
  labels: { 'org.opencontainers.image.revision': revision },
});

function compare(
  source: Reading<ResolvedImage>,
  target: Reading<ResolvedImage>,
  pods: readonly PodImage[] = [],
): Lineage {
  return deriveLineage({
    image: 'ghcr.io/acme/backend',
    source: { tag: 'staging-v1', resolved: source, pods: [] },
    target: { tag: 'production-v1', resolved: target, pods },
  });
}
const both = (source: ResolvedImage, target: ResolvedImage, pods: readonly PodImage[] = []): Lineage =>
  compare(known(source, 0), known(target, 0), pods);
const words = ({ evidence }: Lineage): readonly string[] =>
  evidence.map(({ witness, says, text }) => `${witness} ${says} ${text}`);

describe('deriveLineage', () => {
  const amd64 = { digest: a, platform: 'linux/amd64', configuration: x };
  const arm64 = { digest: b, platform: 'linux/arm64', configuration: y };
  const cases: readonly (readonly [string, ResolvedImage, ResolvedImage, LineageVerdict])[] = [
    ['one manifest', plain(a), plain(a), 'same'],
    ['one index', index(c, [amd64, arm64]), index(c, [amd64, arm64]), 'same'],
    ['one digest, whatever it lists', index(c, []), index(c, []), 'same'],
    ['an index over the manifest', plain(a), index(c, [amd64]), 'wrapped'],
    ['the manifest out of an index', index(c, [amd64]), plain(a), 'wrapped'],
    ['one platform out of an index', index(c, [amd64, arm64]), plain(b), 'wrapped'],
    ['two indexes over the same', index(c, [amd64, arm64]), index(x, [arm64, amd64]), 'wrapped'],
    ['packed anew: one configuration', plain(a, x), plain(b, x), 'wrapped'],
    ['two builds', plain(a, x), plain(b, y), 'different'],
    ['two manifests without configuration', plain(a), plain(b), 'different'],
    ['a platform that was not tested', plain(a), index(c, [amd64, arm64]), 'different'],
    ['an index over another build', plain(c), index(x, [amd64]), 'different'],
    ['an index of nothing', plain(a), index(c, []), 'unknown'],
    ['nothing, then an image', index(c, []), plain(a), 'unknown'],
  ];
  for (const [name, source, target, verdict] of cases) {
    it(`${name}: ${verdict}`, () => {
      const lineage = both(source, target);
      assert.equal(lineage.verdict, verdict);
      assert.equal(lineage.problem?.code, verdict === 'unknown' ? 'lineage-unclear' : undefined);
      assert.ok(lineage.summary.includes('production-v1') && lineage.summary.includes('staging-v1'));
      assert.notEqual(lineage.meaning, '');
    });
  }

  it('says of a rebuild why it is not what was tested, even from one commit', () => {
    const lineage = both(labelled(plain(a), '025c591'), labelled(plain(b), '025c591'));
    assert.equal(lineage.summary, 'production-v1 is not the image that was tested as staging-v1.');
    assert.match(lineage.meaning, /^A rebuild is a new artefact, even from the same commit/);
    assert.deepEqual(words(lineage), [
      `digest different staging-v1 is ${a} (${manifestType}); production-v1 is ${b} (${manifestType}).`,
      `manifests different ${b} of production-v1 is not in staging-v1.`,
      `manifests nothing ${a} of staging-v1 is not in production-v1.`,
      'labels same org.opencontainers.image.revision: both 025c591.',
    ]);
  });

  it('tells each platform', () => {
    const lineage = both(index(c, [amd64, arm64]), index(x, [{ ...amd64, digest: c }]));
    assert.deepEqual(words(lineage).slice(1), [
      `manifests same linux/amd64 ${c} of production-v1 has the configuration ${x} of linux/amd64 ${a} in staging-v1: the same contents, packed anew.`,
      `manifests nothing linux/arm64 ${b} of staging-v1 is not in production-v1.`,
    ]);
  });

  it('hears labels and pods, which never turn the verdict', () => {
    const pod = (name: string, digest: string): PodImage => ({ environment: 'production', pod: name, digest });
    const wrapped = index(c, [amd64]);
    const pods = [pod('p1', a), pod('p2', a), pod('p3', c), pod('p4', x), pod('p5', b)];
    const lineage = both(labelled(plain(a), '1'), labelled(wrapped, '2'), pods);
    assert.equal(lineage.verdict, 'wrapped');
    assert.deepEqual(words(lineage).slice(2), [
      'labels different org.opencontainers.image.revision: 1, then 2.',
      `pods same p1, p2 in production run ${a}, as production-v1 says.`,
      `pods same p3 in production runs ${c}, as production-v1 says.`,
      `pods same p4 in production runs ${x}, as production-v1 says.`,
      `pods different p5 in production runs ${b}, which is not what production-v1 names now: the tag was moved after it was pulled.`,
    ]);
    assert.deepEqual(
      words(both(labelled(plain(a), '1'), plain(b))).at(-1),
      'labels nothing org.opencontainers.image.revision: 1, then missing.',
    );
  });

  it('does not know where a side is silent or old, and says why', () => {
    const problem = { code: 'registry-not-found', message: 'There is no such tag.', cause: 'secret words' } as const;
    const silent = compare(known(plain(a), 0), unknown(problem), [{ environment: 'production', pod: 'p', digest: a }]);
    assert.equal(silent.verdict, 'unknown');
    assert.deepEqual([silent.problem, silent.meaning], [problem, problem.message]);
    assert.deepEqual(words(silent), [`pods nothing p in production runs ${a} as production-v1.`]);
    const old = compare({ state: 'stale', value: plain(a), at: 0, problem }, known(plain(a), 0));
    assert.equal(old.verdict, 'unknown');
  });

  const manifest = fc.record({ digest: fc.constantFrom(a, b, c), configuration: fc.constantFrom(undefined, x, y) });
  const resolved = fc
    .tuple(fc.constantFrom(a, b, c, x, y), fc.array(manifest, { maxLength: 3 }))
    .map(([digest, listed]) =>
      index(
        digest,
        listed.map(({ digest: one, configuration }) => ({
          digest: one,
          ...(configuration === undefined ? {} : { configuration }),
        })),
      ),
    );

  it('never calls a target the same that holds what the source does not', () => {
    fc.assert(
      fc.property(resolved, resolved, (source, target) => {
        const { verdict } = both(source, target);
        const has = ({ digest, configuration }: ImageManifest): boolean =>
          source.manifests.some(
            (one) => one.digest === digest || (one.configuration !== undefined && one.configuration === configuration),
          );
        const expected =
          source.digest === target.digest
            ? 'same'
            : source.manifests.length === 0 || target.manifests.length === 0
              ? 'unknown'
              : target.manifests.every(has)
                ? 'wrapped'
                : 'different';
        assert.equal(verdict, expected);
      }),
    );
  });

  it('is the same from both sides for images that hold the same', () => {
    fc.assert(
      fc.property(resolved, fc.constantFrom(a, x), (source, digest) => {
        const target = { ...source, digest, manifests: source.manifests.toReversed() };
        assert.equal(both(source, target).verdict, both(target, source).verdict);
      }),
    );
  });
});

describe('formatLineage', () => {
  const lineage = both(plain(a), plain(b));

  it('is text for a terminal', () => {
    assert.match(
      formatLineage(lineage, 'text'),
      /^different: production-v1 is not .*\nA rebuild .*\n\n✗ digest {4}staging-v1 is .*\n✗ manifests sha256:b{64} of .*\n· manifests .*\n$/,
    );
  });

  it('is Markdown in which nobody else can write', () => {
    const odd = both(labelled(plain(a), 'x | [y](http://z)\n# <b>'), labelled(plain(b), '`'));
    const text = formatLineage(odd, 'markdown');
    assert.match(text, /^# Lineage of ghcr\.io\/acme\/backend\n\n\*\*different\*\*: production-v1 is not/);
    assert.match(
      text,
      new RegExp(`\\n- tested: staging-v1, ${a}, ${manifestType.replace('+', '\\+')}\\n- delivered: production-v1, `),
    );
    assert.match(text, /revision: x \\\| \\\[y\\\]\(http:\/\/z\) \\# \\<b\\>, then \\`\. \|\n$/);
    assert.equal(text.split('\n').filter((line) => /^\| (?:digest|manifests|labels)/.test(line)).length, 4);
  });

  it('is JSON with what was compared, without the cause of a problem', () => {
    assert.deepEqual(JSON.parse(formatLineage(lineage, 'json')), JSON.parse(JSON.stringify(lineage)));
    const silent = compare(known(plain(a), 0), unknown({ code: 'registry-failed', message: 'No.', cause: 'secret' }));
    const text = formatLineage(silent, 'json');
    assert.doesNotMatch(text, /secret/);
    assert.deepEqual((JSON.parse(text) as Lineage).problem, { code: 'registry-failed', message: 'No.' });
    assert.match(formatLineage(silent, 'markdown'), /\n- delivered: production-v1, digest unknown\n$/);
    assert.match(formatLineage(silent, 'text'), /^unknown: .* could not be told\.\nNo\.\n$/);
  });
});
