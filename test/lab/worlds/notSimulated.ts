import type { Recording } from './recorder';

/** A difference of the lab from Flux that is meant to be. */
export interface NotSimulated {
  /** Of a line as `object / trait / line`. */
  readonly pattern: RegExp;
  readonly what: string;
  /** Completes "not simulated, because …". */
  readonly because: string;
}

export const notSimulated: readonly NotSimulated[] = [
  {
    pattern: /^GitRepository \S+ \/ events \/ Normal GarbageCollectionSucceeded: /,
    what: 'the event about old artifacts that are deleted',
    because: "the lab's artifacts are the commits themselves, in one mirror: there is nothing to collect",
  },
  {
    pattern: / BuildFailed: kustomize build failed: accumulating resources: /,
    what: "the operating system's words about a file that a kustomization names and that is not there",
    because:
      'the lab builds from the objects of Git, in no folder of a disk; that the build fails, and over which file, it says',
  },
];

/** Without what only Flux says. */
export function comparable(recording: Recording): Recording {
  const objects = Object.entries(recording).map(([object, traits]) => {
    const kept = Object.entries(traits)
      .map(([trait, lines]) => [trait, lines.filter((line) => reasonsFor(object, trait, line).length === 0)] as const)
      .filter(([, lines]) => lines.length > 0);
    return [object, Object.fromEntries(kept)] as const;
  });
  return Object.fromEntries(objects);
}

/** The accepted differences in a recording of Flux. */
export function differencesOf(recording: Recording): readonly NotSimulated[] {
  const found = Object.entries(recording).flatMap(([object, traits]) =>
    Object.entries(traits).flatMap(([trait, lines]) => lines.flatMap((line) => reasonsFor(object, trait, line))),
  );
  return notSimulated.filter((one) => found.includes(one));
}

function reasonsFor(object: string, trait: string, line: string): readonly NotSimulated[] {
  return notSimulated.filter(({ pattern }) => pattern.test(`${object} / ${trait} / ${line}`));
}
