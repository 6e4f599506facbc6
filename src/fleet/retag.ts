// The tag under which a build goes on to another environment: the policy's prefix or the environment's word swapped.
import type { ImagePolicy } from '../model/flux';
import { legalTag } from '../model/image';
import { optional } from '../model/optional';
import { environmentWordsOf } from './environments';
import type { PolicyOfEnvironment } from './hardStops';
import { patternOf, prefixOf } from './policyPattern';

export interface Retagging {
  readonly from: string;
  readonly to: string;
  /** Those of the image. */
  readonly policies: readonly PolicyOfEnvironment[];
  /** That of `to`, which has to take the tag. */
  readonly policy?: ImagePolicy;
}

export interface Retagged {
  /** What the policy takes. */
  readonly fit?: string;
  /** Whatever the names allow, the likeliest first. */
  readonly all: readonly string[];
}

export function retag(tag: string, { from, to, policies, policy }: Retagging): Retagged {
  const [before = '', after = ''] = [from, to].map((name) =>
    prefixOf(policies.find(({ environment }) => environment === name)?.policy.spec),
  );
  const all = [
    ...(before !== '' && after !== '' && tag.startsWith(before) ? [after + tag.slice(before.length)] : []),
    ...environmentWordsOf(from).flatMap((word) =>
      environmentWordsOf(to).flatMap((other) => swapWord(tag, word, other)),
    ),
  ];
  const pattern = policy && patternOf(policy.spec);
  const fit = all.find((one) => legalTag.test(one) && (pattern === undefined || pattern.test(one)));
  return { all, ...optional('fit', fit) };
}

function swapWord(tag: string, word: string, other: string): readonly string[] {
  const parts = tag.split(/([-_.+])/);
  return parts.includes(word) ? [parts.map((part) => (part === word ? other : part)).join('')] : [];
}
