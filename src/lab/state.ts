// The lab's folder: what was drawn when it was made (ports, tokens), and where everything else lies. The ports stand in image
// names, in the remote's address and in the history, so they stay as they are until the lab is reset.
//
//   lab.json           this state, readable by its owner alone
//   git/               the bare repositories: flux, backend, frontend
//   registry/          blobs and manifests
//   forge.json         runs and pull requests
//   workspace/flux     the clone that the editor opens
//   kubeconfig         written at every start, with the token
//   lesson.json        what the learner has shown
//   cache/             what the controllers have fetched
//   unfinished         only while the lab is being made
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asNumber, asObject, asString, parseJson } from '../base/json';
import { ProblemError } from '../model/problem';
import { writeAtomically } from './writeAtomically';

export interface LabState {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Of the layout of the folder. */
  readonly version: number;
  readonly ports: { readonly api: number; readonly git: number; readonly registry: number; readonly forge: number };
  readonly tokens: { readonly admin: string; readonly viewer: string; readonly forge: string };
}

export const layoutVersion = 1;

export interface LabPaths {
  readonly state: string;
  readonly git: string;
  readonly registry: string;
  readonly forge: string;
  readonly workspace: string;
  readonly kubeconfig: string;
  readonly lesson: string;
  readonly cache: string;
  readonly unfinished: string;
}

export function labPaths(folder: string): LabPaths {
  return {
    state: join(folder, 'lab.json'),
    git: join(folder, 'git'),
    registry: join(folder, 'registry'),
    forge: join(folder, 'forge.json'),
    workspace: join(folder, 'workspace', 'flux'),
    kubeconfig: join(folder, 'kubeconfig'),
    lesson: join(folder, 'lesson.json'),
    cache: join(folder, 'cache'),
    unfinished: join(folder, 'unfinished'),
  };
}

export function drawToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Undefined where no lab has been made. Throws ProblemError `lab-broken` for a state that cannot be read. */
export async function readState(folder: string): Promise<LabState | undefined> {
  let text: string;
  try {
    text = await readFile(labPaths(folder).state, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const state = decodeState(text);
  if (state !== undefined) return state;
  throw new ProblemError({
    code: 'lab-broken',
    message: `The practice lab's state in ${labPaths(folder).state} cannot be read. Run Reset Practice Lab to make a new one.`,
    remedy: 'resetPracticeLab',
  });
}

function decodeState(text: string): LabState | undefined {
  const found = asObject(parseJson(text));
  const ports = asObject(found?.['ports']);
  const tokens = asObject(found?.['tokens']);
  const [api, git, registry, forge] = ['api', 'git', 'registry', 'forge'].map((name) => asNumber(ports?.[name]));
  const [admin, viewer, login] = ['admin', 'viewer', 'forge'].map((name) => asString(tokens?.[name]));
  const createdAt = asNumber(found?.['createdAt']);
  if (found === undefined || createdAt === undefined || found['version'] !== layoutVersion) return undefined;
  if (api === undefined || git === undefined || registry === undefined || forge === undefined) return undefined;
  if (admin === undefined || viewer === undefined || login === undefined) return undefined;
  return {
    createdAt,
    version: layoutVersion,
    ports: { api, git, registry, forge },
    tokens: { admin, viewer, forge: login },
  };
}

export async function writeState(folder: string, state: LabState): Promise<void> {
  await writeSecret(labPaths(folder).state, `${JSON.stringify(state, null, 2)}\n`);
}

/** Readable by its owner alone, from the first byte on. */
export async function writeSecret(path: string, text: string): Promise<void> {
  await writeAtomically(path, text, 0o600);
}

/**
 * Everything that a lab has made in its folder; nothing else in it is touched. Throws ProblemError `lab-missing` for a folder
 * that holds something and no lab, finished or not: what lies there under a lab's names is somebody else's.
 */
export async function removeLab(folder: string): Promise<void> {
  const { workspace, ...paths } = labPaths(folder);
  const names = await namesIn(folder);
  const isOurs = [paths.state, paths.unfinished].some((path) => names.includes(basename(path)));
  if (names.length > 0 && !isOurs) {
    throw new ProblemError({
      code: 'lab-missing',
      message: `${folder} is not empty and holds no practice lab. Nothing in it was touched; name another folder.`,
    });
  }
  for (const path of [...Object.values(paths), join(workspace, '..')]) {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
  // Until the next lab is whole, this says whose folder it is.
  await writeAtomically(paths.unfinished, '');
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
