// Logins that the editor keeps: its GitHub session, else what was put into SecretStorage; for registries also what Docker
// knows. Background work never asks: it takes what is there. Nothing from here reaches a log.
import * as vscode from 'vscode';
import { asObject, asString, parseJson } from '../base/json';
import type { ReadDockerLogin, RegistryLogin } from '../base/registry/dockerConfig';
import { askPick, askText } from './ask';

const gitHubScopes: readonly string[] = ['repo', 'workflow', 'read:packages'];

/** What somebody may sign in to, by host. */
export interface SignInPlaces {
  readonly forges: readonly string[];
  readonly registries: readonly string[];
}

export class Logins {
  readonly #secrets: vscode.SecretStorage;
  readonly #docker: ReadDockerLogin;

  constructor(secrets: vscode.SecretStorage, docker: ReadDockerLogin) {
    this.#secrets = secrets;
    this.#docker = docker;
  }

  /** The token for a forge's host. */
  async forgeToken(host: string): Promise<string | undefined> {
    const stored = await this.#secrets.get(forgeKey(host));
    return stored ?? (host === 'github.com' ? gitHubToken({ silent: true }) : undefined);
  }

  async storeForgeToken(host: string, token: string): Promise<void> {
    if ((await this.#secrets.get(forgeKey(host))) !== token) await this.#secrets.store(forgeKey(host), token);
  }

  /** What was stored, GitHub's session for its registry, Docker's own login. Docker may run a helper: never untrusted. */
  async registryLogin(host: string, signal: AbortSignal): Promise<RegistryLogin | undefined> {
    if (!vscode.workspace.isTrusted) return undefined;
    const stored = asObject(parseJson((await this.#secrets.get(registryKey(host))) ?? ''));
    const [username, password] = [asString(stored?.['username']), asString(stored?.['password'])];
    if (username !== undefined && password !== undefined) return { username, password };
    // GitHub's registry takes the session's token as its password, under any name.
    const token = host === 'ghcr.io' ? await this.forgeToken('github.com') : undefined;
    return token === undefined ? this.#docker(host, signal) : { username: 'token', password: token };
  }

  /** Asks: the editor's own sign-in for GitHub, a token or a password for others. True when there is a login now. */
  async signIn({ forges, registries }: SignInPlaces): Promise<boolean> {
    const items = [
      ...[...new Set(['github.com', ...forges])].map((label) => ({ label, description: 'forge', isForge: true })),
      ...[...new Set(registries)].map((label) => ({ label, description: 'registry', isForge: false })),
    ];
    const picked = await askPick(items, { title: 'Sign in to which forge or registry' });
    if (picked === undefined) return false;
    return picked.isForge ? this.#signInToForge(picked.label) : this.#signInToRegistry(picked.label);
  }

  async #signInToForge(host: string): Promise<boolean> {
    if (host === 'github.com') return (await gitHubToken({ createIfNone: true })) !== undefined;
    const prompt = 'An access token that may read the repository and start workflows.';
    const token = await askSecret(`Sign in to ${host}`, prompt);
    if (token === undefined) return false;
    await this.storeForgeToken(host, token);
    return true;
  }

  async #signInToRegistry(host: string): Promise<boolean> {
    const title = `Sign in to ${host}`;
    const username = await askText({ title, prompt: 'User name' });
    if (username === undefined || username === '') return false;
    const password = await askSecret(title, 'Password, or a token that may read images.');
    if (password === undefined) return false;
    await this.#secrets.store(registryKey(host), JSON.stringify({ username, password }));
    return true;
  }
}

async function askSecret(title: string, prompt: string): Promise<string | undefined> {
  const where = 'It is kept in the editor’s secret storage.';
  const options = { title, prompt: `${prompt} ${where}`, password: true };
  return (await askText(options)) || undefined;
}

function registryKey(host: string): string {
  return `fluxPromote.registry.${host}`;
}

function forgeKey(host: string): string {
  return `fluxPromote.forge.${host}`;
}

async function gitHubToken(options: vscode.AuthenticationGetSessionOptions): Promise<string | undefined> {
  return (await vscode.authentication.getSession('github', gitHubScopes, options))?.accessToken;
}
