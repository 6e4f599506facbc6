// What the library's loader leaves out of a kubeconfig. Keys as in k8s.io/client-go/tools/clientcmd/api/v1/types.go.
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { asArray, asObject, asString, type JsonObject } from '../json';

export interface KubeconfigExtras {
  /** By user: the absolute path of `tokenFile`. */
  readonly tokenFiles: ReadonlyMap<string, string>;
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
    execConfigs: new Map(
      named(content?.['clusters'], 'cluster').flatMap(([name, cluster]) => {
        const found = asArray(cluster['extensions']).find((one) => asObject(one)?.['name'] === execExtension);
        return found === undefined ? [] : [[name, asObject(found)?.['extension']]];
      }),
    ),
  };
}

function named(entries: unknown, part: string): readonly (readonly [name: string, fields: JsonObject])[] {
  return asArray(entries).flatMap((entry) => {
    const name = asString(asObject(entry)?.['name']);
    const fields = asObject(asObject(entry)?.[part]);
    return name === undefined || fields === undefined ? [] : [[name, fields] as const];
  });
}
