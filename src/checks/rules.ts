import type { Rule } from './rule';
import { digestInterval } from './rules/digestInterval';
import { extractConstant } from './rules/extractConstant';
import { extractGluedName } from './rules/extractGluedName';
import { extractUnknownGroup } from './rules/extractUnknownGroup';
import { imageMutableInProduction } from './rules/imageMutableInProduction';
import { keysCollide } from './rules/keysCollide';
import { markerUnknownPolicy } from './rules/markerUnknownPolicy';
import { numericalPrecision } from './rules/numericalPrecision';
import { numericalUnparsable } from './rules/numericalUnparsable';
import { orderAlphabeticalNumbers } from './rules/orderAlphabeticalNumbers';
import { orderDescending } from './rules/orderDescending';
import { patternAcceptsAlias } from './rules/patternAcceptsAlias';
import { patternCrossesEnvironment } from './rules/patternCrossesEnvironment';
import { patternLooseDot } from './rules/patternLooseDot';
import { patternNeverMatches } from './rules/patternNeverMatches';
import { patternRefused } from './rules/patternRefused';
import { patternUnanchored } from './rules/patternUnanchored';
import { patternYamlEscape } from './rules/patternYamlEscape';
import { policyMissingChoice } from './rules/policyMissingChoice';
import { policySeveralChoices } from './rules/policySeveralChoices';
import { semverKeyNoVersion } from './rules/semverKeyNoVersion';
import { semverPrereleaseExcluded } from './rules/semverPrereleaseExcluded';
import { semverRangeRefused } from './rules/semverRangeRefused';
import { semverUpperBoundOpen } from './rules/semverUpperBoundOpen';

/** In the order of their ids. */
export const rules: readonly Rule[] = [
  digestInterval,
  extractConstant,
  extractGluedName,
  extractUnknownGroup,
  imageMutableInProduction,
  keysCollide,
  markerUnknownPolicy,
  numericalPrecision,
  numericalUnparsable,
  orderAlphabeticalNumbers,
  orderDescending,
  patternAcceptsAlias,
  patternCrossesEnvironment,
  patternLooseDot,
  patternNeverMatches,
  patternRefused,
  patternUnanchored,
  patternYamlEscape,
  policyMissingChoice,
  policySeveralChoices,
  semverKeyNoVersion,
  semverPrereleaseExcluded,
  semverRangeRefused,
  semverUpperBoundOpen,
];
