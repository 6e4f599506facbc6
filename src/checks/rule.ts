// What looks wrong: documents and what the files of the repository say together, into findings and fixes. One rule per
// file, in `rules/`. Pure and total. A rule that is not sure says nothing, and what a kustomize patch completes is judged as
// it is built. Absent on purpose: schema validation, style, and anything that needs a cluster.
import type { DeclaredPlacement } from '../fleet/placements';
import type { DeadMarker } from '../manifests/deadMarkers';
import type { ParsedDocument, ParsedFile } from '../manifests/documents';
import type { Marker } from '../manifests/markers';
import type { Tree } from '../manifests/tree';
import type { Found, RuleId, Severity } from '../model/finding';
import type { FluxKind } from '../model/flux';
import type { DeclaredObject, RepositoryManifests } from '../model/manifest';
import type { Settings } from '../model/settings';
import type { TextRange } from '../model/text';
import type { CompilePattern } from '../policy/pattern';
import type { Budget } from '../policy/prove';
import type { DeclaredAutomation } from './automations';
import type { DeclaredPolicies } from './declaredPolicies';
import type { FluxMinors } from './fluxRelease';
import type { MissedOverride } from './missedOverrides';
import type { MutableImage } from './mutableImages';
import type { UnsetVariable } from './unsetVariables';

export interface Rule {
  readonly id: RuleId;
  readonly severity: Severity;
  /** One line for the index. */
  readonly summary: string;
  /** What Flux does, exactly, that this rule protects from. */
  readonly protects: string;
  readonly check: (subject: CheckSubject) => readonly Found[];
}

/** One file as it is checked, which may be newer than the repository's reading of it. */
export interface CheckSubject {
  readonly file: string;
  readonly text: string;
  readonly parsed: ParsedFile;
  readonly documents: readonly FluxDocument[];
  /** Those that the automation finds. */
  readonly markers: readonly Marker[];
  /** Those that it passes over. */
  readonly deadMarkers: readonly DeadMarker[];
  readonly repository: CheckedRepository;
  /** Where a range of this file, as the repository was read, stands in `text`; undefined where that part was edited. */
  readonly rangeNow: (range: TextRange) => TextRange | undefined;
}

/** A Flux object in a file. */
export interface FluxDocument<T extends FluxKind = FluxKind> {
  readonly document: ParsedDocument;
  /** As the file says it. */
  readonly own: T;
  /** As Flux gets it: one for each overlay that builds it, or the file's own where none does. Empty when not known. */
  readonly forms: readonly T[];
  /** Whether an overlay or a Flux Kustomization builds it, so that `forms` have all their patches. */
  readonly isBuilt: boolean;
}

/** What the rules know of the repository around a file. The functions compute once. */
export interface CheckedRepository {
  readonly tree: Tree;
  readonly manifests: RepositoryManifests;
  readonly placements: readonly DeclaredPlacement[];
  readonly settings: Settings;
  /** The registry's tags of an image, where they are known. */
  readonly knownTags: (image: string) => readonly string[] | undefined;
  /** For one proof. */
  readonly budget: Budget;
  readonly compile: CompilePattern;
  /** A document's object in every form that the repository gives it. */
  readonly formsOf: (file: string, document: number) => readonly DeclaredObject[];
  readonly policies: () => DeclaredPolicies;
  /** Only those of a policy's own namespace know its setters. */
  readonly automationsIn: (namespace: string) => readonly DeclaredAutomation[];
  /** Whether a template makes ImagePolicies whose names the files do not tell. */
  readonly hidesPolicies: () => boolean;
  readonly fluxMinors: () => FluxMinors;
  /** By the kustomization file. */
  readonly missedOverrides: () => ReadonlyMap<string, readonly MissedOverride[]>;
  /** By the file in which they stand. */
  readonly unsetVariables: () => ReadonlyMap<string, readonly UnsetVariable[]>;
  /** By the file in which each is to be repaired. */
  readonly mutableImages: () => ReadonlyMap<string, readonly MutableImage[]>;
}
