// The commands that read files, as processes on real repositories.
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';
import Ajv from 'ajv-draft-04';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { History } from '../../../src/terminal/history';
import type { MarkerList } from '../../../src/terminal/markerList';
import { commit, git, removeFolder, temporaryFolder, write } from '../gitFixture';
import { deployment, fluxKustomization, imagePolicy, imageRepository, overlay } from './manifests';
import { buildProgram, type Ended, type Program } from './program';

const image = 'ghcr.io/acme/backend';
const sound = {
  'clusters/main/apps.yaml': fluxKustomization('apps', './apps/production'),
  'repositories.yaml': imageRepository('backend', image),
  'apps/production/app.yaml': deployment('backend', `${image}:production-v1.2.1`, 'flux-system:backend', 'production'),
  'apps/production/policy.yaml': imagePolicy('backend', 'flux-system', 'backend', '^production-v1\\.2\\.[0-9]$'),
};
const mutable = { 'apps/production/app.yaml': deployment('backend', `${image}:latest`, undefined, 'production') };

/** Nobody answers at its address. */
const silentCluster = `clusters: [{ name: here, cluster: { server: 'http://127.0.0.1:9' } }]
users: [{ name: me, user: { token: t } }]
contexts: [{ name: here, context: { cluster: here, user: me } }]
`;

/** After the OASIS schema; formats such as `uri` are only texts here. */
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(sarifSchema);

describe('flux-promote', function () {
  this.timeout(60_000);
  let program: Program;
  let folder = '';
  before(async () => {
    program = await buildProgram();
  });
  after(() => program.remove());
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  const run = (...given: readonly string[]): Promise<Ended> => program.run(folder, given);
  const start = (): void => {
    git(folder, 'init', '-q', '-b', 'main');
  };
  const findings = (output: string): readonly string[] =>
    (JSON.parse(output) as { findings: readonly { rule: string; file: string; line: number }[] }).findings.map(
      ({ rule, file, line }) => `${rule} ${file}:${line}`,
    );
  const found = 'image-mutable-in-production apps/production/app.yaml:9';

  it('explain refuses what is no address of a forge, and tells on which commit it looked', async () => {
    start();
    const hash = commit(folder, 'Sound', sound);
    const refused = await run('explain', 'backend', 'production', '--forge', 'github.com');
    assert.equal(refused.exitCode, 2);
    assert.match(
      refused.errors,
      /--forge is the address of an API, such as https:\/\/api\.github\.com, not "github\.com"/,
    );
    git(folder, 'remote', 'add', 'origin', folder);
    const { output } = await run('explain', 'backend', 'production');
    assert.match(output, new RegExp(`^Commit ${hash}\n.*origin.*\nbackend in production: `));
    assert.match(output, /\n  The workflow runs were not asked: .* FLUX_PROMOTE_FORGE_TOKEN\.\n/);
  });

  it('explain says what is wrong with the question, and what there is', async () => {
    start();
    commit(folder, 'Sound', sound);
    write(folder, { kubeconfig: silentCluster });
    const cluster = (path: string, context: string) => ['--kubeconfig', join(folder, path), '--context', context];
    const asked = async (...given: readonly string[]): Promise<Ended> => await run('explain', ...given);
    const near = await asked('backnd', 'production');
    assert.deepEqual([near.exitCode, near.output], [2, '']);
    assert.match(near.errors, /There is no service backnd here\. Did you mean backend\?/);
    const missing = await asked('backend', 'production', ...cluster('nowhere', 'here'));
    assert.match(missing.errors, /^flux-promote: There is no kubeconfig at .*nowhere\. Name one by --kubeconfig/);
    const unknown = await asked('backend', 'production', ...cluster('kubeconfig', 'there'));
    assert.match(unknown.errors, /The context there is not in the kubeconfig\. Choose another context: here\.\n$/);
    assert.deepEqual([missing.exitCode, unknown.exitCode], [2, 2]);
    const help = await asked('--help');
    assert.match(help.output, /--context NAME .*\n[^]*Ends with 0 when nothing is wrong/);
    assert.equal(help.exitCode, 0);
  });

  it('explain does not call unseen what it was to look at well', async () => {
    start();
    commit(folder, 'Sound', sound);
    git(folder, 'remote', 'add', 'origin', folder);
    write(folder, { kubeconfig: silentCluster });
    const cluster = ['--kubeconfig', join(folder, 'kubeconfig'), '--context', 'here'];
    const { exitCode, output } = await run('explain', 'backend', 'production', ...cluster);
    assert.match(output, /nothing is wrong in what could be seen, but not all could be seen\./);
    assert.match(output, /\nCould not be seen:\n(?: {2}.*\n)* {2}The cluster here cannot be reached/);
    assert.equal(exitCode, 2);
  });

  describe('check', () => {
    it('judges the commit, and the work tree where paths are named', async () => {
      start();
      const hash = commit(folder, 'Sound', sound);
      write(folder, mutable);
      const committed = await run('check');
      assert.deepEqual([committed.exitCode, committed.errors], [0, '']);
      assert.equal(committed.output, `Commit ${hash}\n\nNo findings.\n`);
      for (const path of ['.', 'apps', 'apps/production/app.yaml', folder]) {
        const { exitCode, output } = await run('check', path, '--json');
        assert.equal(exitCode, 1);
        assert.deepEqual(findings(output), [found]);
        assert.equal((JSON.parse(output) as { commit: unknown }).commit, null);
      }
      assert.equal((await run('check', 'clusters', 'repositories.yaml')).exitCode, 0);
      assert.equal((await run('check', '.', '--ref', 'HEAD')).exitCode, 0);
    });

    it('ends by the level, and prints everything', async () => {
      start();
      commit(folder, 'Mutable', { ...sound, ...mutable, ...unanchored });
      const all = await run('check', '--format', 'json', '--level', 'error');
      assert.deepEqual([all.exitCode, findings(all.output).length > 1], [1, true]);
      git(folder, 'rm', '-q', 'apps/production/app.yaml');
      commit(folder, 'Only a warning', {});
      assert.equal((await run('check', '--level', 'error')).exitCode, 0);
      const warned = await run('check');
      assert.deepEqual([warned.exitCode, /: warning: .* \[pattern-unanchored\]\n/.test(warned.output)], [1, true]);
    });
    const unanchored = { 'policy.yaml': imagePolicy('other', 'flux-system', 'backend', '^staging-[0-9]+') };

    it('writes SARIF and annotations', async () => {
      start();
      commit(folder, 'Mutable', mutable);
      const sarif = await run('check', '--format', 'sarif');
      assert.equal(sarif.exitCode, 1);
      assert.match(sarif.output, /"uri": "apps\/production\/app\.yaml"/);
      assert.equal(isSarif(JSON.parse(sarif.output)), true, JSON.stringify(isSarif.errors));
      const annotations = await run('check', '--format', 'github');
      assert.match(annotations.output, /^::error file=apps\/production\/app\.yaml,line=9,/);
    });

    it('reads a folder without Git, its loops and its broken files', async () => {
      write(folder, { ...mutable, 'broken.yaml': 'image: [\n' });
      symlinkSync('..', join(folder, 'apps/loop'));
      symlinkSync('nowhere.yaml', join(folder, 'apps/dangling.yaml'));
      const { exitCode, output } = await run('check', '.', '--json');
      assert.equal(exitCode, 1);
      assert.deepEqual(findings(output), [found]);
      assert.match(output, /broken\.yaml cannot be read as YAML/);
    });

    it('ends with 2 where it cannot run', async () => {
      const refused: readonly (readonly [readonly string[], RegExp])[] = [
        [['check'], /is not a Git repository/],
        [['check', 'nowhere.yaml'], /nowhere\.yaml cannot be read \(there is no such file\)/],
        [['check', '.', '--ref', 'HEAD'], /is not a Git repository/],
        [['check', '--format', 'xml'], /--format is one of text, json, sarif, github, not "xml"/],
        [['check', '--level', 'fatal'], /--level is one of error, warning, information, hint, not "fatal"/],
        [['check', '--json', '--format', 'sarif'], /exclude each other/],
      ];
      for (const [given, message] of refused) {
        const { exitCode, output, errors } = await run(...given);
        assert.deepEqual([exitCode, output], [2, '']);
        assert.match(errors, message);
      }
      start();
      commit(folder, 'Sound', sound);
      assert.match((await run('check', '../elsewhere', '--ref', 'main')).errors, /elsewhere is not in /);
    });
  });

  it('history tells who wrote which tag', async () => {
    start();
    const first = commit(folder, 'First', sound);
    const next = deployment('backend', `${image}:production-v1.2.2`, 'flux-system:backend', 'production');
    const second = commit(folder, 'Second', { 'apps/production/app.yaml': next, 'README.md': 'x\n' });
    const { exitCode, output, errors } = await run('history', 'backend', 'production', '--json');
    assert.deepEqual([exitCode, errors], [0, '']);
    const { commit: at, written, tags } = JSON.parse(output) as History;
    assert.deepEqual([at, written], [second, 'production-v1.2.2']);
    assert.deepEqual(
      tags.map(({ tag, from, commit: hash, author }) => [tag, from, hash, author.name]),
      [
        ['production-v1.2.2', 'production-v1.2.1', second, 'Ada'],
        ['production-v1.2.1', null, first, 'Ada'],
      ],
    );
    const earlier = await run('history', 'backend', 'production', '--ref', first);
    assert.match(earlier.output, /^backend in production at .*\n\nTAG .*\nproduction-v1.2.1 .* First\n$/);
    const wrong = await run('history', 'backend', 'staging');
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.errors, /backend is not in staging; it is in production\./);
  });

  it('history says what a shallow clone hides, and follows a tag without a marker', async () => {
    start();
    for (const tag of ['v1', 'v2', 'v3']) {
      commit(folder, tag, {
        'deploy/prod.yaml': `${tag === 'v1' ? '' : '# note\n'}${deployment('backend', `${image}:${tag}`)}`,
      });
    }
    const tagsIn = async (at: string): Promise<History> => {
      const { output, errors } = await program.run(at, ['history', 'backend', 'prod', '--json']);
      assert.equal(errors, '');
      return JSON.parse(output) as History;
    };
    const whole = await tagsIn(folder);
    assert.deepEqual([whole.tags.map(({ tag }) => tag), whole.problems], [['v3', 'v2', 'v1'], []]);
    git(folder, 'clone', '-q', '--depth', '2', `file://${folder}`, 'shallow');
    const { tags, problems } = await tagsIn(join(folder, 'shallow'));
    assert.deepEqual([tags.map(({ tag }) => tag), problems.map(({ code }) => code)], [['v3'], ['git-shallow']]);
  });

  it('images builds folders as they lie, with bases beside them and without Git, or at a commit', async () => {
    write(folder, {
      'base/kustomization.yaml': overlay(['app.yaml']),
      'base/app.yaml': deployment('backend', `${image}:latest`),
      'prod/kustomization.yaml': `${overlay(['../base'])}images: [{ name: ${image}, newTag: v1 }]\n`,
      'remote/kustomization.yaml': overlay(['https://github.com/acme/base?ref=v1']),
      'broken/kustomization.yaml': overlay(['missing.yaml']),
    });
    const built = { kind: 'Deployment', name: 'backend', namespace: '', container: 'backend' };
    const answersOf = ({ output }: Ended) =>
      output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const all = await run('images', 'prod', 'base', 'remote', 'broken');
    const [prod, base, remote, broken] = answersOf(all);
    assert.equal(all.exitCode, 2);
    assert.deepEqual(prod, { dir: 'prod', images: [{ ...built, image: `${image}:v1` }] });
    assert.deepEqual(base, { dir: 'base', images: [{ ...built, image: `${image}:latest` }] });
    assert.deepEqual([remote?.['dir'], typeof remote?.['unsupported']], ['remote', 'string']);
    assert.deepEqual([broken?.['dir'], typeof broken?.['error']], ['broken', 'string']);
    const inside = await program.run(join(folder, 'prod'), ['images', '.']);
    assert.deepEqual(answersOf(inside), [{ ...prod, dir: '.' }]);
    start();
    commit(folder, 'All', {});
    write(folder, { 'prod/kustomization.yaml': overlay(['../base']) });
    assert.deepEqual(answersOf(await run('images', 'prod', '--ref', 'HEAD')), [prod]);
    const lacking = await run('images', 'nowhere', 'base');
    assert.equal(lacking.exitCode, 2);
    const [none, there] = answersOf(lacking);
    assert.deepEqual(there, base);
    assert.match(JSON.stringify(none), /"dir":"nowhere","error":"must build at directory: .*nowhere' doesn't exist"/);
  });

  it('markers lists those that act and those that never do', async () => {
    start();
    const dead = `# {"$imagepolicy": "flux-system:backend:tag"}\ntag: v1\n`;
    const hash = commit(folder, 'All', { ...sound, 'dead.yaml': `kind: x\nspec:\n  a: 1\n${dead}` });
    const { exitCode, output } = await run('markers', '--json');
    assert.equal(exitCode, 1);
    const list = JSON.parse(output) as MarkerList;
    assert.equal(list.commit, hash);
    assert.deepEqual(
      list.markers.map(({ file, line, policy, value }) => [file, line, policy, value]),
      [['apps/production/app.yaml', 9, 'flux-system/backend', `${image}:production-v1.2.1`]],
    );
    assert.deepEqual(
      list.dead.map(({ file, because }) => [file, because]),
      [['dead.yaml', 'above-key']],
    );
    const text = await run('markers', 'apps');
    assert.deepEqual(
      [text.exitCode, text.output.includes('apps/production/app.yaml:9  flux-system:backend')],
      [0, true],
    );
  });

  it('answers batches as lines come, and ends quietly when nobody reads on', async () => {
    const line = '{"pattern":"^a$","within":"a"}';
    const many = await program.run(folder, ['prove', '--batch'], { input: `${`${line}\n`.repeat(20_000)}${line}` });
    assert.deepEqual([many.exitCode, many.output], [0, '{"included":true}\n'.repeat(20_001)]);
    const cut = await program.script(folder, `yes '${line}' | flux-promote prove --batch | head -n 3`);
    assert.deepEqual([cut.output, cut.errors], ['{"included":true}\n'.repeat(3), '']);
    const dialogue = await program.script(
      folder,
      `coproc flux-promote prove --batch
      echo '${line}' >&"\${COPROC[1]}"; read -r one <&"\${COPROC[0]}"; echo "first $one"
      echo 'x' >&"\${COPROC[1]}"; read -r two <&"\${COPROC[0]}"; echo "\${two:0:9}"`,
    );
    assert.deepEqual([dialogue.output, dialogue.errors], ['first {"included":true}\n{"error":\n', '']);
  });
});
