import { createHash } from 'node:crypto';

export const digestPattern = /^sha256:[0-9a-f]{64}$/;

export function formatDigest(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
