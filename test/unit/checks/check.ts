import assert from 'node:assert/strict';
import { type CheckOptions, createCheckedRepository } from '../../../src/checks/checkedRepository';
import { checkRepository, type Severities } from '../../../src/checks/checkFile';
import { applyEdits } from '../../../src/manifests/edits';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import type { Finding, RuleId } from '../../../src/model/finding';
import { defaultSettings, type Settings } from '../../../src/model/settings';

export interface CheckCase {
  /** YAML with `«…»` around the text where a finding belongs. */
  readonly files: Readonly<Record<string, string>>;
  /** Parts of the messages, in the order of the findings. */
  readonly says?: readonly string[];
  /** The text in place of the first marked finding's line, once its first fix is applied; null: there is no fix. */
  readonly fixed?: string | null;
  readonly evidence?: readonly string[];
  readonly settings?: Partial<Settings>;
  readonly options?: CheckOptions;
  readonly severities?: Severities;
}

interface Mark {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** One rule's findings in all files are the marked ones, each in its range, and nothing else. */
export function check(rule: RuleId, expected: CheckCase): readonly Finding[] {
  const files: Record<string, string> = {};
  const marks: Mark[] = [];
  for (const [file, marked] of Object.entries(expected.files)) {
    const read = readMarks(file, marked);
    files[file] = read.text;
    marks.push(...read.marks);
  }
  const tree = treeOf(files);
  const settings = { ...defaultSettings, ...expected.settings };
  const repository = createCheckedRepository(tree, readManifests(tree), settings, expected.options);
  const findings = checkRepository(repository, expected.severities).filter((finding) => finding.rule === rule);
  assert.deepEqual(
    findings.map(({ file, range }) => ({
      file,
      ...range,
      text: files[file]?.slice(range.start, range.end) ?? '',
    })),
    marks,
    findings.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'),
  );
  for (const [index, part] of (expected.says ?? []).entries()) {
    assert.ok(findings[index]?.message.includes(part), `${findings[index]?.message} should say: ${part}`);
  }
  if (expected.evidence !== undefined) assert.deepEqual(findings[0]?.evidence, expected.evidence);
  if (expected.fixed !== undefined) assert.equal(fixedLine(files, findings[0]), expected.fixed);
  return findings;
}

function readMarks(file: string, marked: string): { readonly text: string; readonly marks: readonly Mark[] } {
  const marks: Mark[] = [];
  let text = '';
  let rest = marked;
  for (let match = /«([^»]*)»/.exec(rest); match !== null; match = /«([^»]*)»/.exec(rest)) {
    const [whole, inside = ''] = match;
    text += rest.slice(0, match.index);
    marks.push({ file, start: text.length, end: text.length + inside.length, text: inside });
    text += inside;
    rest = rest.slice(match.index + whole.length);
  }
  return { text: text + rest, marks };
}

/** The line of the first edit after the first fix, trimmed. */
function fixedLine(files: Readonly<Record<string, string>>, finding: Finding | undefined): string | null {
  const [fix] = finding?.fixes ?? [];
  const [change] = fix?.edits ?? [];
  const [edit] = change?.edits ?? [];
  if (change === undefined || edit === undefined) return null;
  const text = applyEdits(files[change.file] ?? '', change.edits);
  const start = text.lastIndexOf('\n', edit.range.start - 1) + 1;
  const end = text.indexOf('\n', edit.range.start + edit.text.length);
  return text.slice(start, end < 0 ? text.length : end).trim();
}

/** An ImagePolicy of `flux-system` on the repository `app`. `spec` is indented by two. */
export function policy(name: string, spec: string, namespace = 'flux-system'): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  imageRepositoryRef:
    name: app
    namespace: flux-system
${spec}`;
}

export function imageRepository(rest = ''): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: app
  namespace: flux-system
spec:
  image: ghcr.io/acme/app
  interval: 5m
${rest}`;
}
