import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PolicySpec } from '../../../src/model/flux';
import { type Selection, select } from '../../../src/policy/select';
import { readVectors } from './vectors';

interface SelectVector {
  readonly spec: PolicySpec;
  readonly tags: readonly string[];
  readonly anyOf?: readonly string[];
  readonly errorAnyOf?: readonly string[];
}

function answers(selection: Selection): readonly string[] {
  if (selection.kind === 'tag') return [selection.tag];
  if (selection.kind === 'ambiguous') return selection.tags;
  return selection.errors ?? [selection.error];
}

function isSelectVector(value: unknown): value is SelectVector {
  return typeof value === 'object' && value !== null && 'spec' in value && 'tags' in value;
}

/** The recorder ran each case some sixty times: of more than eight keys it need not have met every one. */
const rarelyAllMet = 8;

function isAsRecorded({ spec, tags, anyOf, errorAnyOf }: SelectVector): boolean {
  const selection = select(spec, tags);
  const recorded = anyOf ?? errorAnyOf ?? [];
  const ours = answers(selection);
  if ((selection.kind === 'error') !== (errorAnyOf !== undefined)) return false;
  if (!recorded.every((answer) => ours.includes(answer))) return false;
  return ours.length === recorded.length || ours.length > rarelyAllMet;
}

describe('select: answers recorded from the original Go code', () => {
  for (const file of ['select.jsonl.gz', 'select-fresh.jsonl.gz']) {
    it(`gives what Flux gave, and everything it gave: ${file}`, () => {
      const vectors = readVectors(file, isSelectVector);
      assert.ok(vectors.length >= 2000);
      assert.deepEqual(
        vectors.filter((vector) => !isAsRecorded(vector)),
        [],
      );
    });
  }
});
