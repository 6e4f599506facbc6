// A plan's changes as text: a patch that `git apply` takes, and the plan as the commands that do the same.
import type { CommitPlan, FileChange } from './plan';

const context = 3;

/** A unified diff with one hunk a file, from the first line that differs to the last. */
export function formatPatch(changes: readonly FileChange[]): string {
  return changes.map(formatFile).join('');
}

function formatFile({ file, before, after }: FileChange): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  const { first, left, right } = spanOf(old, now);
  const start = Math.max(0, first - context);
  const tail = Math.min(context, old.length - left);
  const lines = [
    ...old.slice(start, first).map((line) => ` ${line}`),
    ...old.slice(first, left).map((line) => `-${line}`),
    ...now.slice(first, right).map((line) => `+${line}`),
    ...old.slice(left, left + tail).map((line) => ` ${line}`),
  ];
  const counts = [left + tail - start, right + tail - start];
  const header = `--- a/${file}\n+++ b/${file}\n@@ -${start + 1},${counts[0]} +${start + 1},${counts[1]} @@\n`;
  return header + lines.map(ended).join('');
}

/** With their line ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function ended(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`;
}

/** Lines `first` up to `left` of the old text became lines `first` up to `right` of the new one. */
function spanOf(old: readonly string[], now: readonly string[]) {
  const shorter = Math.min(old.length, now.length);
  let first = 0;
  while (first < shorter && old[first] === now[first]) first += 1;
  let same = 0;
  while (same < shorter - first && old.at(-1 - same) === now.at(-1 - same)) same += 1;
  return { first, left: old.length - same, right: now.length - same };
}

/** What the plan changes, wherever in its files that stands: two plans with the same text do the same. */
export function changedText(changes: readonly FileChange[]): string {
  const lines = changes.map(({ file, before, after }) => {
    const [old, now] = [linesOf(before), linesOf(after)];
    const { first, left, right } = spanOf(old, now);
    return [
      file,
      ...old.slice(first, left).map((line) => `-${line}`),
      ...now.slice(first, right).map((line) => `+${line}`),
    ];
  });
  return JSON.stringify(lines);
}

/** For a POSIX shell in the clone. The user's branch stays where it is; the work tree must be clean. */
export function formatCommands({ remote, branch, base, changes, message }: CommitPlan): string {
  const patch = quoted('PATCH', formatPatch(changes));
  const text = quoted('MESSAGE', message);
  return [
    `git fetch ${word(remote)} ${word(branch)}`,
    `git switch --detach ${base}`,
    `git apply --index <<${patch}`,
    `git commit -F - <<${text}`,
    `git push ${word(remote)} HEAD:refs/heads/${word(branch)}`,
    'git switch -',
    '',
  ].join('\n');
}

/** A here-document whose end no line of the text can be. */
function quoted(name: string, text: string): string {
  let end = name;
  while (text.split('\n').includes(end)) end += '_';
  return `'${end}'\n${text.endsWith('\n') ? text : `${text}\n`}${end}`;
}

function word(text: string): string {
  return /^[\w./@:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
