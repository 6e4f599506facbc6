// What a commit of ours says to machines, and every commit to people. Read back from Git: nothing else keeps records.
import type { Commit } from '../model/facts';

const prefix = 'Flux-Promote';

/** The trailers `Flux-Promote` and `Flux-Promote-…` by name, in the order of the message; a name may come several times. */
export function trailersOf({ message }: Pick<Commit, 'message'>): ReadonlyMap<string, readonly string[]> {
  const [last = ''] = message.trimEnd().split(/\n\n/).slice(-1);
  const found = new Map<string, string[]>();
  for (const line of last.split('\n')) {
    const [, name, value] = /^(Flux-Promote(?:-[A-Za-z]+)*): (.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

/** `Flux-Promote: rollback` makes a commit ours. */
export function isOurs(commit: Pick<Commit, 'message'>): boolean {
  return trailersOf(commit).has(prefix);
}

/** Why, in the commit's own words: the first paragraph below the subject of ours, the subject of any other. */
export function reasonOf(commit: Commit): string {
  if (!isOurs(commit)) return commit.subject;
  const [, reason = ''] = commit.message.split(/\n\n/);
  return reason.startsWith(prefix) ? commit.subject : reason.replaceAll('\n', ' ');
}
