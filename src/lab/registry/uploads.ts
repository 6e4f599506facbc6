import { randomUUID } from 'node:crypto';
import { OciError } from './ociError';

/** Blobs on their way in. A session lives as long as the registry runs; a client that lost one starts again. */
export class Uploads {
  readonly #sessions = new Map<string, Buffer[]>();

  begin(): string {
    const id = randomUUID();
    this.#sessions.set(id, []);
    return id;
  }

  /** `range` is the `Content-Range` of a chunk, `FIRST-LAST`: it must continue where the session stands. */
  append(id: string, chunk: Buffer, range?: string): number {
    const chunks = this.#session(id);
    const received = sizeOf(chunks);
    if (range !== undefined && Number(range.split('-')[0]) !== received) {
      throw new OciError('BLOB_UPLOAD_INVALID', 'the chunk does not continue the upload', {
        received: String(received),
      });
    }
    chunks.push(chunk);
    return received + chunk.length;
  }

  /** Bytes received so far. */
  received(id: string): number {
    return sizeOf(this.#session(id));
  }

  /** The content; the session ends. */
  finish(id: string): Buffer {
    const content = Buffer.concat(this.#session(id));
    this.#sessions.delete(id);
    return content;
  }

  #session(id: string): Buffer[] {
    const chunks = this.#sessions.get(id);
    if (!chunks) {
      throw new OciError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry', { upload: id });
    }
    return chunks;
  }
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((size, chunk) => size + chunk.length, 0);
}
