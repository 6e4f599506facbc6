import type { Rule } from './rule';
import { extractUnknownGroup } from './rules/extractUnknownGroup';
import { imageMutableInProduction } from './rules/imageMutableInProduction';
import { markerUnknownPolicy } from './rules/markerUnknownPolicy';
import { patternCrossesEnvironment } from './rules/patternCrossesEnvironment';
import { patternRefused } from './rules/patternRefused';

export const rules: readonly Rule[] = [
  extractUnknownGroup,
  imageMutableInProduction,
  markerUnknownPolicy,
  patternCrossesEnvironment,
  patternRefused,
];
