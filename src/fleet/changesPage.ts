// What a promotion brings, as a page: the commits between the two builds, linked.
import type { Comparison } from '../model/facts';
import { escapeMarkdown } from './markdown';

export interface Changes {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  /** A sentence where the commits could not be told. */
  readonly comparison: Comparison | string;
}

const shownSubjects = 5;

/** A few lines for a dialog. */
export function formatChanges({ from, comparison }: Changes): readonly string[] {
  if (typeof comparison === 'string') return [comparison];
  const { aheadBy, behindBy = 0, commits } = comparison;
  const newest = commits.toReversed();
  return [
    `${aheadBy} ${aheadBy === 1 ? 'commit' : 'commits'} since ${from}${behindBy === 0 ? '' : `, and ${behindBy} of it missing: the builds are of different branches`}:`,
    ...newest
      .slice(0, shownSubjects)
      .map(({ hash, subject, author }) => `  ${hash.slice(0, 7)} ${subject} (${author})`),
    ...(newest.length > shownSubjects ? [`  … and ${aheadBy - shownSubjects} more`] : []),
  ];
}

export function formatChangesPage({ title, from, to, comparison }: Changes): string {
  const head = `# ${escapeMarkdown(title)}\n\n\`${from}\` → \`${to}\`\n\n`;
  if (typeof comparison === 'string') return `${head}${escapeMarkdown(comparison)}\n`;
  const { commits, url, aheadBy } = comparison;
  const rows = commits.toReversed().map(({ hash, subject, author, at, url: page }) => {
    const short = page === '' ? `\`${hash.slice(0, 7)}\`` : `[\`${hash.slice(0, 7)}\`](${page})`;
    return `- ${short} ${escapeMarkdown(subject)}, ${escapeMarkdown(author)}, ${new Date(at).toISOString().slice(0, 10)}`;
  });
  const all = url === '' ? '' : `\n[The whole comparison](${url})\n`;
  return `${head}${aheadBy} ${aheadBy === 1 ? 'commit' : 'commits'}:\n\n${rows.join('\n')}\n${all}`;
}
