import type { Rule } from './rule';
import { apiVersionNotServed } from './rules/apiVersionNotServed';
import { automationBornSuspendedUnderWait } from './rules/automationBornSuspendedUnderWait';
import { automationCoversOtherEnvironment } from './rules/automationCoversOtherEnvironment';
import { automationDeclaresSuspendFalse } from './rules/automationDeclaresSuspendFalse';
import { automationNoBranch } from './rules/automationNoBranch';
import { automationRemovedTemplateField } from './rules/automationRemovedTemplateField';
import { automationSourceMissing } from './rules/automationSourceMissing';
import { digestInterval } from './rules/digestInterval';
import { extractConstant } from './rules/extractConstant';
import { extractGluedName } from './rules/extractGluedName';
import { extractSubstituted } from './rules/extractSubstituted';
import { extractUnknownGroup } from './rules/extractUnknownGroup';
import { imageMutableInProduction } from './rules/imageMutableInProduction';
import { imageOverrideMisses } from './rules/imageOverrideMisses';
import { imageOverrideUnknownField } from './rules/imageOverrideUnknownField';
import { keysCollide } from './rules/keysCollide';
import { markerDeadPlace } from './rules/markerDeadPlace';
import { markerMalformed } from './rules/markerMalformed';
import { markerNoDigest } from './rules/markerNoDigest';
import { markerNotSelected } from './rules/markerNotSelected';
import { markerOtherImage } from './rules/markerOtherImage';
import { markerOutsideUpdatePath } from './rules/markerOutsideUpdatePath';
import { markerTypeTrap } from './rules/markerTypeTrap';
import { markerUnknownPolicy } from './rules/markerUnknownPolicy';
import { markerWrongNamespace } from './rules/markerWrongNamespace';
import { markerWrongPart } from './rules/markerWrongPart';
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
import { repositoryExclusionsDropSig } from './rules/repositoryExclusionsDropSig';
import { repositoryImageInvalid } from './rules/repositoryImageInvalid';
import { semverKeyNoVersion } from './rules/semverKeyNoVersion';
import { semverPrereleaseExcluded } from './rules/semverPrereleaseExcluded';
import { semverRangeRefused } from './rules/semverRangeRefused';
import { semverSuffixCounter } from './rules/semverSuffixCounter';
import { semverUpperBoundOpen } from './rules/semverUpperBoundOpen';
import { substitutionUnset } from './rules/substitutionUnset';
import { suspendedScanProtectsNothing } from './rules/suspendedScanProtectsNothing';

/** In the order of their ids. */
export const rules: readonly Rule[] = [
  apiVersionNotServed,
  automationBornSuspendedUnderWait,
  automationCoversOtherEnvironment,
  automationDeclaresSuspendFalse,
  automationNoBranch,
  automationRemovedTemplateField,
  automationSourceMissing,
  digestInterval,
  extractConstant,
  extractGluedName,
  extractSubstituted,
  extractUnknownGroup,
  imageMutableInProduction,
  imageOverrideMisses,
  imageOverrideUnknownField,
  keysCollide,
  markerDeadPlace,
  markerMalformed,
  markerNoDigest,
  markerNotSelected,
  markerOtherImage,
  markerOutsideUpdatePath,
  markerTypeTrap,
  markerUnknownPolicy,
  markerWrongNamespace,
  markerWrongPart,
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
  repositoryExclusionsDropSig,
  repositoryImageInvalid,
  semverKeyNoVersion,
  semverPrereleaseExcluded,
  semverRangeRefused,
  semverSuffixCounter,
  semverUpperBoundOpen,
  substitutionUnset,
  suspendedScanProtectsNothing,
];
