// Flux's tag selection over a long tag list, beside the same loop with the engine that JavaScript has; and proofs for
// many policies at once, each with a pattern of its own.
import { findCrossing, type PolicyOfEnvironment } from '../../src/fleet/hardStops';
import { between, seededRandom } from '../../src/lab/content/random';
import { parseDocuments } from '../../src/manifests/documents';
import { decodeFluxObject } from '../../src/manifests/fluxObjects';
import { createPatternCache } from '../../src/policy/pattern';
import { fullBudget } from '../../src/policy/prove';
import { select } from '../../src/policy/select';
import { median, printFigure } from './figure';
import { type EnvironmentName, environments, policyText, serviceName } from './gitOpsFiles';
import { compareCpu, cpuTime } from './measure';

const tagCount = 100_000;
const policyCount = 300;
const rounds = 7;

function policyOf(environment: EnvironmentName, service: string, pattern: string): PolicyOfEnvironment {
  const text = policyText(service, environment).replace(/pattern: .*/, () => `pattern: '${pattern}'`);
  const policy = decodeFluxObject(parseDocuments('policy.yaml', text).documents[0]?.value);
  if (policy?.kind !== 'ImagePolicy') throw new Error('This is no ImagePolicy');
  return { environment, policy };
}

function measureSelection(): void {
  const random = seededRandom('tags');
  const tags = Array.from({ length: tagCount }, (_, index) => {
    const environment = environments[index % environments.length] ?? 'develop';
    return `${environment}-v1.${between(random, 0, 99)}.${between(random, 0, 99)}-${1_700_000_000 + index}`;
  });
  const pattern = '^production-v(?P<version>[0-9]+\\.[0-9]+\\.[0-9]+)-(?P<ts>[0-9]+)$';
  const native = new RegExp(pattern.replaceAll('?P<', '?<'));
  const spec = { filterTags: { pattern, extract: '$ts' }, policy: { numerical: { order: 'asc' } } } as const;
  const { loop, selection } = compareCpu(rounds, {
    loop: () => {
      let best = '';
      let highest = -1;
      for (const tag of tags) {
        const stamp = Number(native.exec(tag)?.groups?.['ts'] ?? -1);
        if (stamp > highest) [best, highest] = [tag, stamp];
      }
      return best;
    },
    selection: () => select(spec, tags, { exclude: [] }),
  });
  printFigure({
    name: `select from ${tagCount} tags by a named group`,
    value: selection,
    unit: 'ms cpu',
    baseline: { name: 'the same loop with RegExp', value: loop },
    limit: 4 * loop,
  });
}

/** Each is proved against its environment's tags and, being a hundred with a hole, against the others of its image. */
function measureProofs(): void {
  const services = Array.from({ length: policyCount / environments.length }, (_, index) => serviceName(index));
  const images = services.map((service, index) =>
    environments.map((environment) => {
      const anchor = index % 3 === 0 ? '' : '^';
      const pattern = `${anchor}${environment}-${service}-v[0-9]+\\.[0-9]+\\.[0-9]+-[0-9a-f]{7}-(?P<ts>[0-9]+)$`;
      return policyOf(environment, service, pattern);
    }),
  );
  const proveAll = (): number => {
    const compile = createPatternCache(1000);
    const judge = (policies: readonly PolicyOfEnvironment[]) =>
      policies.map((policy) => findCrossing(policy, policies, fullBudget, compile));
    return images.flatMap(judge).filter(({ kind }) => kind === 'none').length;
  };
  const patterns = images.flat().map(({ policy }) => policy.spec.filterTags?.pattern?.replace('?P<', '?<') ?? '');
  const compileAll = (): number => patterns.map((pattern) => new RegExp(pattern)).length;
  const cold = cpuTime(proveAll).ms;
  const times = Array.from({ length: rounds }, () => cpuTime(proveAll).ms);
  const baseline = { name: 'new RegExp of the same patterns', value: cpuTime(compileAll).ms };
  printFigure({
    name: `${policyCount} policies proved, first time`,
    value: cold,
    unit: 'ms cpu',
    baseline,
    limit: 300,
  });
  printFigure({ name: `${policyCount} policies proved`, value: median(times), unit: 'ms cpu', baseline, limit: 300 });
}

measureSelection();
measureProofs();
