// The command line as it is shipped: built once, then run as a process.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { gitEnvironment } from '../gitFixture';

export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

interface More {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Program {
  run(folder: string, given: readonly string[], more?: More): Promise<Ended>;
  /** Runs it in a shell, behind `flux-promote` as a function. */
  script(folder: string, text: string): Promise<Ended>;
  remove(): void;
}

export async function buildProgram(): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'flux-promote-cli-'));
  const file = join(folder, 'cli.js');
  await build({
    absWorkingDir: join(__dirname, '../../..'),
    entryPoints: ['src/cli.ts'],
    outfile: file,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
  return {
    run: (at, given, more = {}) => end(at, process.execPath, [file, ...given], more),
    script: (at, text) =>
      end(
        at,
        'bash',
        ['-o', 'pipefail', '-c', `flux-promote() { "${process.execPath}" "${file}" "$@"; }\n${text}`],
        {},
      ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function end(
  folder: string,
  program: string,
  given: readonly string[],
  { input = '', environment = {} }: More,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, given, { cwd: folder, env: { ...gitEnvironment, ...environment }, stdio: 'pipe' });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output, errors }));
    child.stdin.end(input);
  });
}
