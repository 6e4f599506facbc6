// Logins that the editor keeps: its GitHub session, else what was put into SecretStorage. Background work never asks: it takes
// what is there. Nothing from here reaches a log.
import * as vscode from 'vscode';

const gitHubScopes: readonly string[] = ['repo', 'workflow', 'read:packages'];

export class Logins {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  /** The token for a forge's host. */
  async forgeToken(host: string): Promise<string | undefined> {
    const stored = await this.#secrets.get(forgeKey(host));
    return stored ?? (host === 'github.com' ? gitHubToken({ silent: true }) : undefined);
  }

  async storeForgeToken(host: string, token: string): Promise<void> {
    if ((await this.#secrets.get(forgeKey(host))) !== token) await this.#secrets.store(forgeKey(host), token);
  }

  /** GitHub's registry takes the session's token as its password, under any name. */
  async registryLogin(host: string): Promise<{ readonly username: string; readonly password: string } | undefined> {
    if (host !== 'ghcr.io') return undefined;
    const token = await this.forgeToken('github.com');
    return token === undefined ? undefined : { username: 'token', password: token };
  }

  /** Asks: the editor's own sign-in for GitHub, a token for any other forge. True when there is a login now. */
  async signIn(hosts: readonly string[]): Promise<boolean> {
    const items = [...new Set(['github.com', ...hosts])];
    const host =
      items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: 'Sign in to which forge' });
    if (host === undefined) return false;
    if (host === 'github.com') return (await gitHubToken({ createIfNone: true })) !== undefined;
    const token = await vscode.window.showInputBox({
      title: `Sign in to ${host}`,
      prompt:
        'An access token that may read the repository and start workflows. It is kept in the editor’s secret storage.',
      password: true,
      ignoreFocusOut: true,
    });
    if (token === undefined || token === '') return false;
    await this.storeForgeToken(host, token);
    return true;
  }
}

function forgeKey(host: string): string {
  return `fluxPromote.forge.${host}`;
}

async function gitHubToken(options: vscode.AuthenticationGetSessionOptions): Promise<string | undefined> {
  return (await vscode.authentication.getSession('github', gitHubScopes, options))?.accessToken;
}
