// The registry's content in a folder: `<repository>/blobs/<hex>` holds blobs and manifests by digest,
// `<repository>/index.json` says which digests are manifests and where the tags point. Writes are atomic:
// content first, then the index that names it, so a crash leaves at most an unnamed blob.

import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asObject, asString, parseJson } from '../../base/json';
import { writeAtomically } from '../writeAtomically';
import { formatDigest } from './digest';

interface Index {
  /** digest → media type */
  readonly manifests: Record<string, string>;
  /** tag → digest */
  readonly tags: Record<string, string>;
}

interface Repository {
  readonly index: Index;
  /** The last write of the index; the next one waits for it. */
  saving: Promise<void>;
}

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

export class RepositoryStore {
  readonly #folder: string;
  readonly #repositories: Map<string, Repository>;

  private constructor(folder: string, repositories: Map<string, Repository>) {
    this.#folder = folder;
    this.#repositories = repositories;
  }

  static async open(folder: string): Promise<RepositoryStore> {
    await mkdir(folder, { recursive: true });
    const repositories = new Map<string, Repository>();
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const text = entry.isDirectory() ? await readIfThere(join(folder, entry.name, 'index.json')) : undefined;
      if (text !== undefined) {
        const json = asObject(parseJson(text.toString('utf8')));
        const index: Index = { manifests: stringsOf(json?.['manifests']), tags: stringsOf(json?.['tags']) };
        repositories.set(decodeURIComponent(entry.name), { index, saving: Promise.resolve() });
      }
    }
    return new RepositoryStore(folder, repositories);
  }

  names(): readonly string[] {
    return [...this.#repositories.keys()].sort();
  }

  /** Tags in the order of their bytes; undefined for a repository that nobody pushed a manifest to. */
  tags(name: string): readonly string[] | undefined {
    const repository = this.#repositories.get(name);
    return repository && Object.keys(repository.index.tags).sort();
  }

  /** Bytes; undefined when the blob is not there. */
  async blobSize(name: string, digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.#blobPath(name, digest))).size;
    } catch (error) {
      return whenMissing(error);
    }
  }

  readBlob(name: string, digest: string): Promise<Buffer | undefined> {
    return readIfThere(this.#blobPath(name, digest));
  }

  async writeBlob(name: string, content: Uint8Array): Promise<string> {
    const digest = formatDigest(content);
    await writeAtomically(this.#blobPath(name, digest), content);
    return digest;
  }

  async copyBlob(from: string, to: string, digest: string): Promise<void> {
    await mkdir(join(this.#folder, encodeURIComponent(to), 'blobs'), { recursive: true });
    await copyFile(this.#blobPath(from, digest), this.#blobPath(to, digest));
  }

  /** `reference` is a tag or a digest. */
  async readManifest(name: string, reference: string): Promise<StoredManifest | undefined> {
    const index = this.#repositories.get(name)?.index;
    const digest = index && (Object.hasOwn(index.tags, reference) ? index.tags[reference] : reference);
    const mediaType =
      index && digest !== undefined && Object.hasOwn(index.manifests, digest) ? index.manifests[digest] : undefined;
    if (digest === undefined || mediaType === undefined) {
      return undefined;
    }
    const content = await this.readBlob(name, digest);
    return content && { digest, mediaType, content };
  }

  async writeManifest(name: string, content: Uint8Array, mediaType: string, tag?: string): Promise<string> {
    const digest = await this.writeBlob(name, content);
    const repository = this.#repositories.get(name) ?? {
      index: { manifests: {}, tags: {} },
      saving: Promise.resolve(),
    };
    this.#repositories.set(name, repository);
    repository.index.manifests[digest] = mediaType;
    if (tag !== undefined) {
      repository.index.tags[tag] = digest;
    }
    await this.#save(name, repository);
    return digest;
  }

  /** A tag loses its name; a digest loses the manifest and every tag on it. False: there is no such thing. */
  async removeManifest(name: string, reference: string): Promise<boolean> {
    const repository = this.#repositories.get(name);
    if (!repository) {
      return false;
    }
    const { manifests, tags } = repository.index;
    if (Object.hasOwn(tags, reference)) {
      delete tags[reference];
    } else if (Object.hasOwn(manifests, reference)) {
      delete manifests[reference];
      for (const tag of Object.keys(tags).filter((each) => tags[each] === reference)) {
        delete tags[tag];
      }
    } else {
      return false;
    }
    await this.#save(name, repository);
    return true;
  }

  #blobPath(name: string, digest: string): string {
    return join(this.#folder, encodeURIComponent(name), 'blobs', digest.slice('sha256:'.length));
  }

  #save(name: string, repository: Repository): Promise<void> {
    const path = join(this.#folder, encodeURIComponent(name), 'index.json');
    const write = () => writeAtomically(path, `${JSON.stringify(repository.index, undefined, 1)}\n`);
    repository.saving = repository.saving.then(write, write);
    return repository.saving;
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    return whenMissing(error);
  }
}

function whenMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return undefined;
  }
  throw error;
}

function stringsOf(value: unknown): Record<string, string> {
  const strings: Record<string, string> = {};
  for (const [key, entry] of Object.entries(asObject(value) ?? {})) {
    const text = asString(entry);
    if (text !== undefined) {
      strings[key] = text;
    }
  }
  return strings;
}
