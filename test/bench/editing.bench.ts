// What the editor asks for while somebody types in an ImagePolicy, beside its findings: the lens, a hover, a completion.
// In a repository of 10,000 files, with ten thousand tags of the policy's image.
import { parseAllDocuments } from 'yaml';
import { createCheckedRepository } from '../../src/checks/checkedRepository';
import { findChoices } from '../../src/editor/language/choices';
import { describeSpot } from '../../src/editor/language/hoverWords';
import { listPolicies, previewPolicy } from '../../src/editor/language/selection';
import { findSpot } from '../../src/editor/language/spot';
import { readManifests } from '../../src/manifests/repository';
import type { Tree } from '../../src/manifests/tree';
import { defaultSettings } from '../../src/model/settings';
import { printFigure } from './figure';
import { buildTag, checkedSize, environments, gitOpsFiles, overlayFile, policyText, serviceName } from './gitOpsFiles';
import { compareCpu } from './measure';

const texts = gitOpsFiles(checkedSize);
const paths = [...texts.keys()];
const tree: Tree = { list: () => paths, read: (path) => texts.get(path) };
const tags = Array.from({ length: 10_000 }, (_, at) => buildTag(environments[at % 3] ?? 'staging', at));
const repository = createCheckedRepository(tree, readManifests(tree), defaultSettings, { knownTags: () => tags });
const service = serviceName(7);
const file = overlayFile(service, 'production').replace('kustomization', 'policy');
const typed = policyText(service, 'production').replace('(?P<ts>', '(?P<t>');
const overlay = overlayFile(service, 'production');
const overlayText = texts.get(overlay) ?? '';

function hover(): number {
  const spot = findSpot(repository, { file, text: typed, offset: typed.indexOf('^production') + 1 });
  const words = spot === undefined ? [] : describeSpot(spot, { repository, live: undefined, now: 0 });
  if (words.length < 3) throw new Error('The hover says nothing of tags.');
  return words.length;
}

function complete(): number {
  const offset = overlayText.indexOf('"production:') + 1;
  const found = findChoices(repository, { file: overlay, text: overlayText, offset });
  if (found === undefined || found.choices.length < 900) throw new Error('The completion offers too few policies.');
  return found.choices.length;
}

function lens(): readonly string[] {
  const lines = listPolicies(repository, file, typed).map(({ policy }) => previewPolicy(repository, policy, undefined));
  if (lines[0]?.selection === undefined) throw new Error('The lens selects nothing.');
  return lines.map(({ text }) => text);
}

const { parsing, ...times } = compareCpu(9, { parsing: () => parseAllDocuments(typed), lens, hover, complete });
const baseline = { name: 'yaml.parseAllDocuments of the file', value: parsing };
const names = {
  lens: { name: 'the lens of a typed policy, 10,000 tags', limit: 30 },
  hover: { name: 'a hover on its pattern, 10,000 tags', limit: 100 },
  complete: { name: 'policies in a marker, 900 of them', limit: 30 },
};
for (const part of ['lens', 'hover', 'complete'] as const) {
  printFigure({ ...names[part], value: times[part], unit: 'ms cpu', baseline });
}
