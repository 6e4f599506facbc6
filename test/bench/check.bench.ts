// Checking a folder of 10,000 YAML files, 3,000 of them relevant, and one file of it at every keystroke.
import { parseAllDocuments } from 'yaml';
import { createCheckedRepository } from '../../src/checks/checkedRepository';
import { checkFile, checkRepository } from '../../src/checks/checkFile';
import type { CheckedRepository } from '../../src/checks/rule';
import { isRelevant } from '../../src/manifests/documents';
import { readManifests } from '../../src/manifests/repository';
import type { Tree } from '../../src/manifests/tree';
import { defaultSettings } from '../../src/model/settings';
import { createPatternCache } from '../../src/policy/pattern';
import { typingBudget } from '../../src/policy/prove';
import { median, printFigure } from './figure';
import { checkedSize, gitOpsFiles, overlayFile, policyText, serviceName } from './gitOpsFiles';
import { compareCpu, cpuTime } from './measure';

const rounds = 5;
const texts = gitOpsFiles(checkedSize);
const paths = [...texts.keys()];
const tree: Tree = { list: () => paths, read: (path) => texts.get(path) };
const relevant = [...texts.values()].filter(isRelevant).length;

function read(): CheckedRepository {
  return createCheckedRepository(tree, readManifests(tree), defaultSettings);
}

function checkAll(repository: CheckedRepository): number {
  const findings = checkRepository(repository);
  if (findings.length > 0) throw new Error(`A sound repository has findings: ${findings[0]?.message}`);
  return findings.length;
}

const manifests = readManifests(tree);
const { parsing, rules, whole } = compareCpu(rounds, {
  parsing: () => [...texts.values()].map((text) => parseAllDocuments(text).length),
  rules: () => checkAll(createCheckedRepository(tree, manifests, defaultSettings)),
  whole: () => checkAll(read()),
});
const baseline = { name: `yaml.parseAllDocuments of all ${paths.length}`, value: parsing };
printFigure({
  name: `rules on the ${relevant} relevant of ${paths.length} files`,
  value: rules,
  unit: 'ms cpu',
  baseline,
  limit: 0.5 * parsing,
});
printFigure({ name: 'the same, overlays built first', value: whole, unit: 'ms cpu', baseline, limit: parsing });
const service = serviceName(7);
const policyFile = overlayFile(service, 'production').replace('kustomization', 'policy');
const typed = policyText(service, 'production');
const compile = createPatternCache(1000);
const typing = { ...createCheckedRepository(tree, manifests, defaultSettings, { compile }), budget: typingBudget };
const pattern = /'(\^.*\$)'/.exec(typed)?.[1] ?? '';
/** The pattern as it is typed, a character more each time. */
const keystrokes = Array.from({ length: pattern.length }, (_, length) =>
  typed.replace(pattern, pattern.slice(0, length + 1)),
);
const checkTyped = (text: string) => cpuTime(() => checkFile(typing, policyFile, text)).ms;
keystrokes.map(checkTyped);
const times = keystrokes.map(checkTyped);
const parsed = keystrokes.map((text) => cpuTime(() => parseAllDocuments(text)).ms);
const oneParse = { name: 'yaml.parseAllDocuments of the file', value: median(parsed) };
printFigure({
  name: 'a keystroke in an ImagePolicy, all rules',
  value: median(times),
  unit: 'ms cpu',
  baseline: oneParse,
  limit: 30,
});
printFigure({
  name: 'the slowest of these keystrokes',
  value: Math.max(...times),
  unit: 'ms cpu',
  baseline: oneParse,
  limit: 30,
});

const edited = keystrokes.at(-2) ?? typed;
const again = Array.from({ length: 2 * rounds }, () => checkTyped(edited));
printFigure({
  name: 'one file again after an edit',
  value: median(again),
  unit: 'ms cpu',
  baseline: oneParse,
  limit: 10,
});
