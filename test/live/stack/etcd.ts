// etcd past the API server, by its own HTTP gateway (etcd-io/etcd, api/etcdserverpb/rpc.proto).
import { ask } from './reach';

/** The answer to one call, as `kv/txn`. Throws where etcd refuses. */
export async function askEtcd(etcd: string, call: string, body: object): Promise<string> {
  const { status, text } = await ask(`${etcd}/v3/${call}`, { method: 'POST', body: JSON.stringify(body) });
  if (status !== 200) throw new Error(`etcd answered ${status}: ${text.slice(0, 300)}`);
  return text;
}

/** Keys and values are bytes, in base64. */
export function encodeBytes(text: string): string {
  return Buffer.from(text).toString('base64');
}
