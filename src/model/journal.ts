// What the cluster and its controllers have said about one object, in the order of time.

export interface JournalEntry {
  /** Milliseconds since the epoch; undefined when missing or unreadable. */
  readonly at?: number;
  readonly level: 'info' | 'warning' | 'error';
  /** Who says it: `event of kustomize-controller`, a pod. */
  readonly source: string;
  readonly text: string;
}
