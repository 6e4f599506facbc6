// Recorded answers of the original Go code, one JSON object a line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface MarkerVector {
  readonly file: string;
  readonly before: string;
  readonly policies: readonly {
    readonly Namespace: string;
    readonly Name: string;
    readonly Image: string;
    readonly Tag: string;
    readonly Digest: string;
  }[];
  readonly changes: readonly string[];
  readonly after: Readonly<Record<string, string>>;
}

export interface OverlayVector {
  readonly files: Readonly<Record<string, string>>;
  readonly root: string;
  readonly images: readonly {
    readonly Kind: string;
    readonly Name: string;
    readonly Namespace: string;
    readonly Container: string;
    readonly Image: string;
  }[];
  readonly error?: string;
}

export function readMarkerVectors(name: string): readonly MarkerVector[] {
  return readLines(name).map((line): MarkerVector => JSON.parse(line));
}

export function readOverlayVectors(name: string): readonly OverlayVector[] {
  return readLines(name).map((line): OverlayVector => JSON.parse(line));
}

function readLines(name: string): readonly string[] {
  const path = join(__dirname, '../../fixtures/vectors', name);
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}
