// The lab's API as a client meets it: HTTPS with the certificate of the kubeconfig, and a token.
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { isObject, type Json, type JsonObject, listAt } from '../../src/lab/cluster/json';
import type { RunningLab } from '../../src/lab/lab';

export interface LabApi {
  get(path: string): Promise<JsonObject>;
  list(path: string): Promise<readonly Json[]>;
  /** A JSON patch as `fieldManager`. */
  patch(path: string, fieldManager: string, operations: readonly JsonObject[]): Promise<JsonObject>;
}

/** Rejects with `METHOD path: code` for any answer but 200. */
export async function labApi({ paths, state }: RunningLab, token = state.tokens.admin): Promise<LabApi> {
  const kubeconfig = await readFile(paths.kubeconfig, 'utf8');
  const ca = Buffer.from(/certificate-authority-data: (\S+)/.exec(kubeconfig)?.[1] ?? '', 'base64').toString('utf8');
  const send = (method: string, path: string, body?: Json): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json-patch+json' };
      const call = request({ host: '127.0.0.1', port: state.ports.api, path, method, headers, ca }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const found: Json = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          if (answer.statusCode === 200 && isObject(found)) resolve(found);
          else reject(new Error(`${method} ${path}: ${answer.statusCode}`));
        });
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    get: (path) => send('GET', path),
    list: async (path) => listAt(await send('GET', path), 'items'),
    patch: (path, fieldManager, operations) => send('PATCH', `${path}?fieldManager=${fieldManager}`, operations),
  };
}
