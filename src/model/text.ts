// Places in files. Offsets are UTF-16 code units from the start of the text, as in a JavaScript string.

/** Half open: `start` inclusive, `end` exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A place in a file of the repository. `file` is relative to the repository's root, with forward slashes. */
export interface Place {
  readonly file: string;
  readonly range: TextRange;
  /** One-based. */
  readonly line: number;
}

/** Replaces `range` by `text`. Edits of one file never overlap. */
export interface TextEdit {
  readonly range: TextRange;
  readonly text: string;
}
