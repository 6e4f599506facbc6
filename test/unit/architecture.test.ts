// The rules of the house, read from the import specifiers in the source (a bundler's metafile drops type imports).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, posix, relative } from 'node:path';
import { describe, it } from 'mocha';

const root = join(__dirname, '../..');

/** What each folder of src may import besides itself; a root file is a folder of its own. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  policy: ['model', 're2js'],
  manifests: ['model', 'yaml'],
  fleet: ['model', 'policy', 'manifests'],
  checks: ['model', 'policy', 'manifests', 'fleet'],
  base: ['model', 'node', 'node I/O', '@kubernetes/client-node', 'simple-git', '@octokit/request', 'yaml'],
  sources: ['base', 'model', 'manifests', 'node'],
  changes: ['base', 'model', 'policy', 'manifests', 'fleet', 'node'],
  editor: ['model', 'policy', 'manifests', 'fleet', 'checks', 'base', 'sources', 'changes', 'node', 'vscode'],
  lab: ['base', 'model', 'policy', 'manifests', 'node', 'node I/O', '@octokit/openapi-types'],
  terminal: ['model', 'policy', 'manifests', 'fleet', 'checks', 'base', 'sources', 'changes', 'node'],
};
const compositionRoots = ['extension.ts', 'main.ts', 'session.ts', 'cli.ts'];
/** The command line must run where no editor is. */
const closedTo: Readonly<Record<string, readonly string[]>> = { 'cli.ts': ['vscode', 'editor', 'lab'] };

/** Node's modules that only compute or wait; all others reach outside the process. */
const quietNodeModules = ['path', 'path/posix', 'timers', 'timers/promises', 'util', 'url', 'buffer'];

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The imported source file, relative to src; undefined for packages. */
  readonly file: string | undefined;
}

function listFiles(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .sort();
}

const files = listFiles('src', '.ts').map((file) => posix.relative('src', file));
const text = new Map(files.map((file) => [file, readFileSync(join(root, 'src', file), 'utf8')]));
const imports = files.flatMap(listImports);

function listImports(from: string): Import[] {
  // A template may hold the text of a file that imports something; it is not ours.
  const source = (text.get(from) ?? '').replaceAll(/`[^`]*\nimport\b[^`]*`/g, '``');
  const specifiers = [
    ...source.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'/gm),
    ...source.matchAll(/^import\s+'([^']+)'/gm),
    ...source.matchAll(/\b(?:import|require)\(\s*'([^']+)'\s*\)/g),
  ].map((match) => match[1] ?? '');
  return specifiers.map((specifier) => ({ from, specifier, file: resolveFile(from, specifier) }));
}

function resolveFile(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(from), specifier);
  return [`${path}.ts`, path, `${path}/index.ts`].find((candidate) => text.has(candidate)) ?? path;
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function nodeModule(specifier: string): string | undefined {
  const name = specifier.replace(/^node:/, '');
  return specifier.startsWith('node:') || builtinModules.includes(name) ? name : undefined;
}

/** In the words of the table: a folder, a package, `node` or `node I/O`. */
function target({ specifier, file }: Import): string {
  if (file !== undefined) return folderOf(file);
  const name = nodeModule(specifier);
  if (name !== undefined) return quietNodeModules.includes(name) ? 'node' : 'node I/O';
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function describeImport({ from, specifier }: Import): string {
  return `${from} imports ${specifier}`;
}

/** Every way round that leads from a file back to itself, once. */
function findCycles(): string[] {
  const next = new Map(files.map((file) => [file, imports.filter(({ from }) => from === file)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file].join(' > '));
      return;
    }
    if (done.has(file)) return;
    for (const { file: to } of next.get(file) ?? []) if (to !== undefined) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return cycles;
}

function linesThatMatch(pattern: RegExp, among: readonly string[]): string[] {
  return among.flatMap((file) =>
    (text.get(file) ?? '').split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

describe('architecture', () => {
  it('finds the source that it judges', () => {
    assert.ok(files.includes('extension.ts'));
    assert.ok(imports.length > files.length / 2);
  });

  it('knows every folder and every file beside them', () => {
    const unknown = files.filter((file) => mayImport[folderOf(file)] === undefined && !compositionRoots.includes(file));
    assert.deepEqual(unknown, []);
  });

  it('lets each folder import only what the table allows', () => {
    const wrong = imports.filter((entry) => {
      const own = folderOf(entry.from);
      const wanted = target(entry);
      if (closedTo[own]?.includes(wanted)) return true;
      return mayImport[own] !== undefined && wanted !== own && !mayImport[own].includes(wanted);
    });
    assert.deepEqual(wrong.map(describeImport), []);
  });

  it('resolves every relative import to a source file', () => {
    const missing = imports.filter(({ file }) => file !== undefined && !text.has(file));
    assert.deepEqual(missing.map(describeImport), []);
  });

  it('has no import cycles', () => {
    assert.deepEqual(findCycles(), []);
  });

  it('keeps files under 400 lines', () => {
    const long = files.filter((file) => (text.get(file) ?? '').split('\n').length > 401);
    assert.deepEqual(long, []);
  });

  it('has no default exports, barrels, enums or namespaces', () => {
    const pattern = /^export default\b|^export \* |^\s*(?:export )?(?:const )?enum \w+ \{|^(?:export )?namespace\b/;
    assert.deepEqual(linesThatMatch(pattern, files), []);
    assert.deepEqual(
      files.filter((file) => basename(file) === 'index.ts'),
      [],
    );
  });

  it('shows messages only in editor/report.ts', () => {
    const others = files.filter((file) => file !== 'editor/report.ts');
    assert.deepEqual(linesThatMatch(/\bshow(?:Error|Warning|Information)Message\b/, others), []);
  });

  it('asks only by editor/ask.ts', () => {
    const others = files.filter((file) => file !== 'editor/ask.ts');
    assert.deepEqual(linesThatMatch(/\b(?:show(?:QuickPick|InputBox)|create(?:QuickPick|InputBox))\b/, others), []);
  });

  it('reads settings only in editor/settings.ts', () => {
    const others = files.filter((file) => file !== 'editor/settings.ts');
    assert.deepEqual(linesThatMatch(/\bgetConfiguration\(/, others), []);
  });

  it('keeps the entry light', () => {
    const eager = imports.filter(
      ({ from, file }) => from === 'extension.ts' && file !== undefined && file !== 'editor/commandNames.ts',
    );
    const source = text.get('extension.ts') ?? '';
    const wrong = eager.filter(({ specifier }) => !isLazyOrType(source, specifier));
    assert.deepEqual(wrong.map(describeImport), []);
  });

  it('mirrors src in test/unit', () => {
    const tested = listFiles('test/unit', '.test.ts').map((file) => relative('test/unit', file));
    const stray = tested.filter((file) => {
      const folder = dirname(file).split('/')[0] ?? '';
      return folder !== '.' && folder !== 'scripts' && mayImport[folder] === undefined;
    });
    assert.deepEqual(stray, []);
  });
});

function isLazyOrType(source: string, specifier: string): boolean {
  return source.includes(`import('${specifier}')`) || new RegExp(`^import type [^;]*'${specifier}'`, 'm').test(source);
}

// ---- the manifest

interface Manifest {
  readonly activationEvents?: readonly string[];
  readonly contributes: {
    readonly commands?: readonly { readonly command: string; readonly icon?: unknown }[];
    readonly configuration?: { readonly properties: Readonly<Record<string, unknown>> };
    readonly views?: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly menus?: Readonly<Record<string, readonly { readonly command?: string; readonly when?: string }[]>>;
  };
}

describe('the manifest and the code', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const { contributes } = manifest;
  const commands = (contributes.commands ?? []).map(({ command }) => command);
  const settings = Object.keys(contributes.configuration?.properties ?? {});
  const views = Object.values(contributes.views ?? {}).flatMap((list) => list.map(({ id }) => id));
  const editorFiles = files.filter((file) => folderOf(file) === 'editor' || compositionRoots.includes(file));
  const editorText = editorFiles.map((file) => text.get(file)).join('\n');
  const settingsText = text.get('editor/settings.ts') ?? '';
  const isNamed = (source: string, id: string): boolean =>
    new RegExp(`['"\`]${id.replaceAll('.', '\\.')}['"\`]`).test(source);

  it('gives every contributed command a handler', () => {
    assert.deepEqual(
      commands.filter((id) => !isNamed(editorText, id)),
      [],
    );
  });

  it('gives every contributed view a provider', () => {
    assert.deepEqual(
      views.filter((id) => !isNamed(editorText, id)),
      [],
    );
  });

  it('gives every setting a reader', () => {
    const unread = settings.filter(
      (id) => !isNamed(settingsText, id.replace(/^fluxPromote\./, '')) && !isNamed(settingsText, id),
    );
    assert.deepEqual(unread, []);
  });

  it('gives every menu entry a contributed command', () => {
    const used = Object.values(contributes.menus ?? {}).flatMap((entries) =>
      entries.flatMap(({ command }) => command ?? []),
    );
    const isOwn = (id: string): boolean => id.startsWith('fluxPromote.');
    assert.deepEqual(
      used.filter((id) => isOwn(id) && !commands.includes(id)),
      [],
    );
  });

  it('gives every when-key an owner', () => {
    const conditions = JSON.stringify(contributes).matchAll(/"(?:when|enablement)":"((?:[^"\\]|\\.)*)"/g);
    const keys = [...conditions].flatMap((match) => match[1]?.match(/fluxPromote\.[\w.]+/g) ?? []);
    const known = [...commands, ...views, ...settings.map((id) => `config.${id}`)];
    const orphans = keys.filter((key) => !known.includes(key) && !settings.includes(key) && !isNamed(editorText, key));
    assert.deepEqual([...new Set(orphans)], []);
  });

  it('locks the packages of every platform, as npm ci demands: npm run lock', () => {
    type Locked = { readonly optionalDependencies?: Readonly<Record<string, string>> };
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, Locked>;
    };
    const missing = Object.entries(lock.packages).flatMap(([folder, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${folder}/node_modules/${name}`],
      ),
    );
    assert.deepEqual(missing, []);
  });
});
