// What the files of a GitOps repository say, as values with their places.
import type { FluxKind } from './flux';
import type { Problem } from './problem';
import type { Place, TextRange } from './text';

export type MarkerPart = 'image' | 'tag' | 'name' | 'digest';

/** A setter comment that image-automation-controller finds: `# {"$imagepolicy": "ns:policy[:part]"}`. */
export interface Marker extends Place {
  /** The setter's name as written. */
  readonly setter: string;
  readonly namespace: string;
  readonly policy: string;
  readonly part: MarkerPart;
  /** The marked scalar's value. `range` is the scalar in the source, quotes included. */
  readonly value: string;
  /** The comment's own place. */
  readonly comment: TextRange;
}

/** The scalar in a source file that decides an effective image's tag. */
export interface ImageOrigin extends Place {
  /** The key of the scalar: `newTag`, `newName`, `digest`, `image`, `tag`, … */
  readonly field: string;
}

/** What a workload's container runs once everything is built. */
export interface EffectiveImage {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly container: string;
  readonly image: string;
  readonly origin?: ImageOrigin;
}

/** A Flux object as a file declares it; `isBuilt` when kustomize has completed it. */
export interface DeclaredObject<T extends FluxKind = FluxKind> {
  readonly object: T;
  readonly file: string;
  /** Index of the document in its file. */
  readonly document: number;
  readonly line: number;
  readonly isBuilt: boolean;
  /** Something in its `spec` comes from elsewhere: an edit of its own document may not reach the cluster. */
  readonly isPatched: boolean;
}

/** One folder that is applied as a whole: by a Flux Kustomization, or an overlay that nothing else includes. */
/** `spec.postBuild` of a Flux Kustomization that is complete. */
export interface Substitution {
  /** The names in `substitute`. */
  readonly variables: ReadonlySet<string>;
  /** Whether ConfigMaps or Secrets may name more. */
  readonly mayKnowMore: boolean;
}

export interface Root {
  /** The folder, relative to the repository's root; empty for the root. */
  readonly path: string;
  /** The Flux Kustomization that applies it. */
  readonly kustomization?: {
    readonly name: string;
    readonly namespace: string;
    readonly targetNamespace?: string;
    readonly file: string;
    /** What Flux puts in for `${NAME}`; undefined where it puts in nothing, or where the files do not tell. */
    readonly substitution?: Substitution;
  };
  readonly images: readonly EffectiveImage[];
  readonly objects: readonly DeclaredObject[];
  /** Files that take part in the build. */
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
}

export interface RepositoryManifests {
  readonly roots: readonly Root[];
  /** Every Flux object in the repository, completed by the root that builds it where there is one. */
  readonly objects: readonly DeclaredObject[];
  readonly markers: readonly Marker[];
  readonly problems: readonly (Problem & { readonly file?: string })[];
}
