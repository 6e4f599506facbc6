// What looks wrong in a file, with its evidence and its repairs. Places are in the text that was checked.
import type { Place, TextEdit, TextRange } from './text';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** Stable and documented: each has a page `docs/rules/<id>.md`. */
export type RuleId =
  | 'api-version-not-served'
  | 'automation-born-suspended-under-wait'
  | 'automation-covers-other-environment'
  | 'automation-declares-suspend-false'
  | 'automation-no-branch'
  | 'automation-removed-template-field'
  | 'automation-source-missing'
  | 'digest-interval'
  | 'extract-constant'
  | 'extract-glued-name'
  | 'extract-substituted'
  | 'extract-unknown-group'
  | 'image-mutable-in-production'
  | 'image-override-misses'
  | 'image-override-unknown-field'
  | 'keys-collide'
  | 'marker-dead-place'
  | 'marker-malformed'
  | 'marker-no-digest'
  | 'marker-not-selected'
  | 'marker-other-image'
  | 'marker-outside-update-path'
  | 'marker-type-trap'
  | 'marker-unknown-policy'
  | 'marker-wrong-namespace'
  | 'marker-wrong-part'
  | 'numerical-precision'
  | 'numerical-unparsable'
  | 'order-alphabetical-numbers'
  | 'order-descending'
  | 'pattern-accepts-alias'
  | 'pattern-crosses-environment'
  | 'pattern-loose-dot'
  | 'pattern-never-matches'
  | 'pattern-refused'
  | 'pattern-unanchored'
  | 'pattern-yaml-escape'
  | 'policy-missing-choice'
  | 'policy-several-choices'
  | 'repository-exclusions-drop-sig'
  | 'repository-image-invalid'
  | 'semver-key-no-version'
  | 'semver-prerelease-excluded'
  | 'semver-range-refused'
  | 'semver-suffix-counter'
  | 'semver-upper-bound-open'
  | 'substitution-unset'
  | 'suspended-scan-protects-nothing';

export interface FileEdits {
  readonly file: string;
  readonly edits: readonly TextEdit[];
}

export interface Fix {
  /** What it does, as a command: "Rename the group to ts". */
  readonly title: string;
  /** Right wherever the finding is right: fit for "fix all". */
  readonly isSafe: boolean;
  readonly edits: readonly FileEdits[];
}

/** Another place that the finding speaks of. */
export interface Related extends Place {
  readonly message: string;
}

export interface Finding extends Place {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** For a person: what, why, next step. */
  readonly message: string;
  /** Tags that prove it. */
  readonly evidence: readonly string[];
  /** The best first. */
  readonly fixes: readonly Fix[];
  readonly related: readonly Related[];
}

/** A rule's answer before its id, file and line are filled in. */
export interface Found {
  readonly range: TextRange;
  readonly message: string;
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
  readonly evidence?: readonly string[];
  readonly fixes?: readonly Fix[];
  readonly related?: readonly Related[];
}
