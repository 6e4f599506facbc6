// Servers that answer as no healthy one does; the objects of a plot are pointed at one of them.
import { selfSignedCertificate } from '../../../src/lab/cluster/certificate';
import { listenOnLoopback } from '../../../src/lab/loopback';
import type { Plot } from './plot';

interface Refusal {
  readonly status: number;
  /** Of the OCI distribution specification, "Error Codes". */
  readonly code: string;
  readonly message: string;
}

/** It is there, and refuses to say what tags it has. */
export const refuseTags = (refusal: Refusal) => async (plot: Plot) => await scanInstead(plot, refusal);

/** Its certificate is signed by nobody. */
export const hideBehindUnknownAuthority = async (plot: Plot) =>
  await scanInstead(plot, { status: 200, code: '', message: '' }, selfSignedCertificate(Date.now()));

/** The host of a server that takes every question and never answers. */
export async function startSilence(plot: Plot): Promise<string> {
  const server = await listenOnLoopback(0, async () => {});
  plot.afterwards(() => server.stop());
  return server.host;
}

async function scanInstead(
  plot: Plot,
  { status, code, message }: Refusal,
  identity?: ReturnType<typeof selfSignedCertificate>,
): Promise<void> {
  const registry = await listenOnLoopback(
    0,
    async ({ url }, response) => {
      const isPing = /^\/v2\/?$/.test(url ?? '');
      response.writeHead(isPing ? 200 : status, { 'content-type': 'application/json' });
      response.end(isPing ? '{}' : JSON.stringify({ errors: [{ code, message }] }));
    },
    identity,
  );
  plot.afterwards(() => registry.stop());
  const image = plot.draft.image.replace(plot.field.registry.host, registry.host);
  await plot.patch('ImageRepository', { spec: { image } });
}
