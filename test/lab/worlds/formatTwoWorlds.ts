import { inBothWorlds, labOnly } from '../suites';
import { differencesOf, notSimulated } from './notSimulated';
import type { Recording } from './recorder';
import type { Scenario } from './scenario';

const introduction = `# Two worlds

The practice lab has controllers of its own. This table is the proof that they behave as Flux's: each scenario is played on the
lab and on the real controllers of Flux 2.9.4 with a real API server, and what can be seen of every object is compared line by line,
normalised only for names, times and hashes: the sequence of each condition with status, reason and message, the revisions and
tags in the status, the events, and the commits.

Three things are chance, and are not compared:

- how often something is tried again: a round of a condition that repeats itself counts once, and so does the text of an event;
- whether one looks once more: what only says that a look begins, or that it has found nothing new, does not count.
  That both worlds say the latter is held by \`test/lab/controllers/idle.test.ts\`;
- which of two objects is first: each is compared by itself.

On the real programs a scenario that comes out otherwise is played again, up to three times in all: on a busy machine one of them
may be so late that it is seen out of its turn. Chance does not come three times, and a difference does.

The recordings of Flux are in \`test/fixtures/worlds\`. \`npm test\` holds the lab to them, \`npm run test:live -- test/lab/worlds\`
Flux itself; with \`FLUX_PROMOTE_RECORD=1\` it writes them and this page anew.

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

## Suites

What a controller, an API server, a registry or a Git server does for us is asserted once and played in both worlds: on the lab by
\`npm test\`, on the real programs by \`npm run test:live\`. Git is the real one in both, and the lab's Git server and forge serve both.

| Suite of \`test/lab\` | Where |
| --- | --- |
| ${listed(inBothWorlds)} | both |
${labOnly.map(({ suites, because }) => `| ${listed(suites)} | the lab alone: they ${because} |`).join('\n')}
`;
}

function listed(suites: readonly string[]): string {
  return suites.map((suite) => `\`${suite.replace(/^test\/lab\//, '').replace(/\.test\.ts$/, '')}\``).join(', ');
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
