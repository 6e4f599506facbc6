/** Where a step runs. */
export interface Workshop {
  /** The bare repository that was checked out. */
  readonly repository: string;
  /** Its name on the forge. */
  readonly name: string;
  /** `http://127.0.0.1:PORT` of the registry. */
  readonly registryUrl: string;
  /** Of the repository on the forge: it becomes the image's source label. */
  readonly pageUrl: string;
  readonly now: () => number;
  /** A line for the log, or for the file that the command appends to. */
  readonly print: (line: string) => void;
  /** For the steps that follow. */
  readonly setVariable: (name: string, value: string) => void;
}

/** Exit code: 0 is success. */
export type Program = (args: readonly string[], workshop: Workshop) => Promise<number>;

/** `127.0.0.1:5000/acme/backend:tag` → `acme/backend` and `tag`. */
export function splitImage(image: string): { readonly name: string; readonly tag: string } {
  const path = image.slice(image.indexOf('/') + 1);
  const colon = path.lastIndexOf(':');
  return { name: path.slice(0, colon), tag: path.slice(colon + 1) };
}
