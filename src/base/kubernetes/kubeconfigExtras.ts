// What the library's loader leaves out of a kubeconfig. Keys as in k8s.io/client-go/tools/clientcmd/api/v1/types.go.
import type { OutgoingHttpHeaders } from 'node:http';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { asArray, asObject, asString, type JsonObject } from '../json';

export interface KubeconfigExtras {
  /** By user: the absolute path of `tokenFile`. */
  readonly tokenFiles: ReadonlyMap<string, string>;
  /** By user: the headers by which whoever signs in acts as somebody else. */
  readonly impersonations: ReadonlyMap<string, OutgoingHttpHeaders>;
  /** By cluster: what is meant for the credential program, of any shape. */
  readonly execConfigs: ReadonlyMap<string, unknown>;
}

/** The extension that client-go hands to a program that asks for its cluster. */
const execExtension = 'client.authentication.k8s.io/exec';

/** `text` is that of the file; what it does not say is left out. */
export function readKubeconfigExtras(text: string, file: string): KubeconfigExtras {
  const content = asObject(parseDocument(text, { uniqueKeys: false, logLevel: 'silent' }).toJS());
  return {
    tokenFiles: new Map(
      named(content?.['users'], 'user').flatMap(([name, user]) => {
        const path = asString(user['tokenFile']) ?? '';
        return path === '' ? [] : [[name, resolve(dirname(file), path)]];
      }),
    ),
    impersonations: new Map(
      named(content?.['users'], 'user').flatMap(([name, user]) => {
        const headers = impersonation(user);
        return Object.keys(headers).length === 0 ? [] : [[name, headers]];
      }),
    ),
    execConfigs: new Map(
      named(content?.['clusters'], 'cluster').flatMap(([name, cluster]) => {
        const found = asArray(cluster['extensions']).find((one) => asObject(one)?.['name'] === execExtension);
        return found === undefined ? [] : [[name, asObject(found)?.['extension']]];
      }),
    ),
  };
}

/** As client-go sends it (k8s.io/client-go/transport `impersonatingRoundTripper`), for what does not stand there, nothing. */
function impersonation(user: JsonObject): OutgoingHttpHeaders {
  const [as, uid] = [asString(user['as']) ?? '', asString(user['as-uid']) ?? ''];
  const groups = texts(user['as-groups']);
  const extra = Object.entries(asObject(user['as-user-extra']) ?? {}).map(
    ([key, values]) => [key, texts(values)] as const,
  );
  return {
    ...(as === '' ? {} : { 'Impersonate-User': as }),
    ...(uid === '' ? {} : { 'Impersonate-Uid': uid }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...Object.fromEntries(extra.map(([key, values]) => [`Impersonate-Extra-${escapeHeaderKey(key)}`, values])),
  };
}

function texts(value: unknown): string[] {
  return asArray(value).flatMap((one) => asString(one) ?? []);
}

/** What a header's name cannot hold is written in percent, byte by byte; the server takes it back. */
function escapeHeaderKey(key: string): string {
  const bytes = [...Buffer.from(key, 'utf8')];
  return bytes
    .map((byte) => {
      const sign = String.fromCharCode(byte);
      return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function named(entries: unknown, part: string): readonly (readonly [name: string, fields: JsonObject])[] {
  return asArray(entries).flatMap((entry) => {
    const name = asString(asObject(entry)?.['name']);
    const fields = asObject(asObject(entry)?.[part]);
    return name === undefined || fields === undefined ? [] : [[name, fields] as const];
  });
}
