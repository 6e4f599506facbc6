import { differencesOf, notSimulated } from './notSimulated';
import type { Recording } from './recorder';
import type { Scenario } from './scenario';

const introduction = `# Two worlds

The practice lab has controllers of its own. This table is the proof that they behave as Flux's: each scenario is played on the
lab and on the real controllers of Flux 2.9.4 with a real API server, and what can be seen of every object is compared line by line,
normalised only for names, times and hashes: the sequence of each condition with status, reason and message, the revisions and
tags in the status, the events, and the commits. How often something is tried again is not counted, and each object is compared by
itself, since which of two controllers is first is chance.

The recordings of Flux are in \`test/fixtures/worlds\`. \`npm test\` holds the lab to them. \`npm run test:live -- test/lab/worlds\`
plays the scenarios on Flux and holds it to what each of them asserts; with \`FLUX_PROMOTE_COMPARE=1\` also to every recorded line, which takes
a quiet machine, and with \`FLUX_PROMOTE_RECORD=1\` it writes them and this page anew.

`;

/** docs/two-worlds.md. */
export function formatTwoWorlds(scenarios: readonly Scenario[], recordings: ReadonlyMap<string, Recording>): string {
  const rows = scenarios.map(({ name, title }) => row(name, title, recordings.get(name) ?? {}));
  const excuses = notSimulated.map(
    ({ what, because }, index) =>
      `${index + 1}. ${what[0]?.toUpperCase()}${what.slice(1)}: not simulated, because ${because}.`,
  );
  return `${introduction}| Scenario | What it shows | Conditions | Revisions | Events | Commits | Difference |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## Differences

${excuses.join('\n')}
`;
}

function row(name: string, title: string, recording: Recording): string {
  const traits = Object.values(recording).flatMap((object) => Object.entries(object));
  const count = (isMeant: (trait: string) => boolean): number =>
    traits.filter(([trait]) => isMeant(trait)).reduce((sum, [, lines]) => sum + lines.length, 0);
  const isCondition = (trait: string): boolean => /^[A-Z]/.test(trait);
  const isOther = (trait: string): boolean => trait === 'events' || trait === 'commits';
  const differences = differencesOf(recording).map((one) => notSimulated.indexOf(one) + 1);
  const cells = [
    `\`${name}\``,
    title,
    count(isCondition),
    count((trait) => !isCondition(trait) && !isOther(trait)),
    count((trait) => trait === 'events'),
    count((trait) => trait === 'commits'),
    differences.length === 0 ? 'none' : differences.join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}
