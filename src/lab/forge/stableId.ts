import { createHash } from 'node:crypto';

/** A number for a thing that has only a name: the same one after every start, positive, 31 bits. */
export function stableId(name: string): number {
  return createHash('sha1').update(name).digest().readUInt32BE(0) >>> 1;
}

/** GitHub's node ids are opaque; these say what they are of. */
export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString('base64url');
}
