// Writes docs/rules: the index, and of each page everything but its examples. `tsx scripts/ruleIndex.ts`
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../src/checks/rule';
import { rules } from '../src/checks/rules';
import { silencingComment } from '../src/checks/silenced';

const folder = join(__dirname, '..', 'docs', 'rules');
const examplesStart = '## Wrong\n';
const examplesEnd = '## Silence it\n';

/** Page names to texts. `read` gives a page as it is, whose examples are kept. */
export function formatRulePages(
  all: readonly Rule[],
  read: (name: string) => string | undefined,
): ReadonlyMap<string, string> {
  const pages = new Map([['README.md', formatIndex(all)]]);
  for (const rule of all) pages.set(`${rule.id}.md`, formatPage(rule, examplesOf(read(`${rule.id}.md`) ?? '')));
  return pages;
}

function formatIndex(all: readonly Rule[]): string {
  const rows = all.map(({ id, severity, summary }) => `| [\`${id}\`](${id}.md) | ${severity} | ${summary} |`);
  return `# Rules

What Flux Promote looks for in a GitOps repository. A rule that is not sure says nothing. Each severity can be changed in
the settings, and each rule can be silenced on a line with a comment on the line above.

| Rule | Severity | What is wrong |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function formatPage({ id, severity, summary, protects }: Rule, examples: string): string {
  return `# ${id}

${summary}

Severity: ${severity}

## What Flux does

${protects}

${examples}${examplesEnd}
On the line above the finding:

\`\`\`yaml
# ${silencingComment} ${id}
\`\`\`

Everywhere: set the rule to \`off\` in the severities of the settings.
`;
}

function examplesOf(page: string): string {
  const start = page.indexOf(examplesStart);
  const end = page.indexOf(examplesEnd);
  return start < 0 || end < start ? `${examplesStart}\n` : page.slice(start, end);
}

export function readRulePage(name: string): string | undefined {
  return readdirSync(folder).includes(name) ? readFileSync(join(folder, name), 'utf8') : undefined;
}

if (require.main === module) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of formatRulePages(rules, readRulePage)) writeFileSync(join(folder, name), text);
}
