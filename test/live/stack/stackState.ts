// What a running stack is, as a value that another process can read: test files run side by side in processes of their own, in one
// stack that somebody else started.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Access, type KubeApi, kubeApi } from './kubeApi';
import { kubectl } from './kubectl';

export interface Cluster {
  /** A path; the user may do anything. Its only context is `context`. */
  readonly kubeconfig: string;
  readonly context: string;
  /** Paths by user, `viewer` and `promoter`, who have no right until a test gives them one; none in a cluster that was named. */
  readonly userKubeconfigs: Readonly<Record<string, string>>;
  /** As the user of `kubeconfig`. */
  readonly access: Access;
}

export interface Registry {
  /** `127.0.0.1:PORT`; plain HTTP. */
  readonly host: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
}

export interface GitHost {
  /** `http://127.0.0.1:PORT`; the repository NAME is `/NAME.git` below it. */
  readonly baseUrl: string;
  /** The folder of the bare repositories. */
  readonly root: string;
}

export interface StackState extends Cluster {
  /** Of all data. */
  readonly folder: string;
  readonly registry: Registry;
  readonly git: GitHost;
  /** The program. */
  readonly kubectl: string;
}

export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

export interface Stack extends Omit<StackState, 'kubectl'> {
  readonly api: KubeApi;
  /** Standard output; rejects where it ends with anything but 0. `input` is its standard input. */
  readonly kubectl: Kubectl;
}

export function stackOf(state: StackState): Stack {
  return { ...state, api: kubeApi(state.access), kubectl: kubectl(state.kubectl, state) };
}

export function stateFile(folder: string): string {
  return join(folder, 'stack.json');
}

/** Where the keeper of `npm run live:up` leaves the address that ends it; it has a secret in it. */
export function stopFile(folder: string): string {
  return join(folder, 'stop');
}

/** Undefined where no stack has left one. */
export async function readStackState(file: string): Promise<StackState | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as StackState;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
