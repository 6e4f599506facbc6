// The lab's Kubernetes API as somebody outside meets it: over HTTPS, with the kubeconfig's certificate.
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { type Json, parseJson, textAt } from './cluster/json';
import { cannotPlay } from './mainBranch';
import { type LabState, labPaths } from './state';

/** Resolves with what the API says; rejects with a ProblemError for every answer but 200. */
export type Api = (method: string, path: string, body: Json | undefined, signal: AbortSignal) => Promise<Json>;

/** The lab's API with the administrator's token, trusting the certificate of the lab's kubeconfig alone. */
export async function apiOf(folder: string, { ports, tokens }: LabState): Promise<Api> {
  const kubeconfig = await readFile(labPaths(folder).kubeconfig, 'utf8').catch(() => '');
  const encoded = /certificate-authority-data: (\S+)/.exec(kubeconfig)?.[1] ?? '';
  const ca = Buffer.from(encoded, 'base64').toString('utf8');
  const headers = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json-patch+json' };
  return (method, path, body, signal) =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: ports.api, path, method, headers, ca, signal };
      const call = request(options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const found = decode(Buffer.concat(chunks).toString('utf8'));
          if (answer.statusCode === 200 && found !== undefined) resolve(found);
          else reject(cannotPlay(textAt(found, 'message') ?? `the API answered ${answer.statusCode ?? 0}`));
        });
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** Undefined for what is no JSON. */
function decode(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
