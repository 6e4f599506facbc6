import { parseImage } from '../model/image';
import { RegistryError, readDigest } from './controllers/registryReader';

const timeoutMs = 10_000;

/** What a kubelet finds behind an image reference: the digest, or undefined where the registry has no such image. */
export async function resolveImage(image: string): Promise<string | undefined> {
  const { name, tag = 'latest', digest } = parseImage(image);
  try {
    return await readDigest(name, digest ?? tag, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) return undefined;
    throw error;
  }
}
