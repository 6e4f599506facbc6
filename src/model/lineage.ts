// Whether two tags are one artefact: what a registry says of each, and the judgement with its witnesses.
import type { Problem } from './problem';

/** One platform's image. */
export interface ImageManifest {
  readonly digest: string;
  /** `linux/amd64`; undefined where the index, or the lack of one, does not say. */
  readonly platform?: string;
  /** The digest of its configuration, which names the layers' contents: Docker's image ID. Only of container images. */
  readonly configuration?: string;
}

/** What a reference resolves to. Everything but the reference itself is named by `digest` and cannot change. */
export interface ResolvedImage {
  readonly digest: string;
  readonly mediaType: string;
  /** The images of an index without attestations; of a plain image itself alone. */
  readonly manifests: readonly ImageManifest[];
  /** Of the first image's configuration. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * `same`: one digest. `wrapped`: another manifest or index around the same images. `different`: the target has an image
 * that the source does not have. `unknown`: one side could not be asked, or has nothing to compare.
 */
export type LineageVerdict = 'same' | 'wrapped' | 'different' | 'unknown';

export interface LineageEvidence {
  readonly witness: 'digest' | 'manifests' | 'labels' | 'pods';
  /** For the two being one artefact, against it, or neither. */
  readonly says: 'same' | 'different' | 'nothing';
  readonly text: string;
}

export interface LineageEnd {
  readonly tag: string;
  readonly digest?: string;
  readonly mediaType?: string;
}

export interface Lineage {
  /** The image's name without tag. */
  readonly image: string;
  readonly verdict: LineageVerdict;
  /** One sentence. */
  readonly summary: string;
  /** What follows from the verdict, and what to do. */
  readonly meaning: string;
  /** What was tested. */
  readonly source: LineageEnd;
  /** What is delivered. */
  readonly target: LineageEnd;
  readonly evidence: readonly LineageEvidence[];
  /** Why it is unknown. */
  readonly problem?: Problem;
}

/** The moving tag of an environment (`production`), and whether it names what runs there. */
export interface AliasTag {
  readonly tag: string;
  readonly isSame: boolean;
}

/** What a placement's row says: the verdict against the tag of the environment before. */
export interface PlacementLineage {
  readonly verdict: LineageVerdict;
  /** Where it should have been tested. */
  readonly environment: string;
  /** The tag that was tested; undefined where no build of that environment can be it. */
  readonly source?: string;
  /** Why it is unknown. */
  readonly problem?: Problem;
}
