import type { Facts } from '../model/facts';
import type { Fleet } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { settingOf } from '../model/settings';
import { type BaselineLine, failedLine, okLine, silentLine, unknownLine } from './baselineLine';
import { findPromotionWorkflow } from './promotionRuns';
import { sourceOf } from './promotionSource';

/** Access to the workflows that promote: one line for each service that has somewhere to come from. */
export function workflowLines({ forges, settings }: Facts, fleet: Fleet): readonly BaselineLine[] {
  return fleet.environments
    .flatMap(({ placements }) => placements)
    .filter((placement) => sourceOf(fleet, placement) !== undefined)
    .map(({ service, environment, image }) => {
      const what = `The workflow that promotes ${service} to ${environment} can be started`;
      const reading = forges.get(canonicalImage(image));
      if (reading === undefined) return unknownLine(what, 'The forge has not been read yet.');
      if (reading.state !== 'known') return silentLine(what, reading.problem);
      const { owner, repository, workflows, mayWrite } = reading.value;
      const workflow = findPromotionWorkflow(reading.value, environment, settingOf(image, settings.services));
      if (workflow === undefined) {
        const names = workflows.map(({ path }) => path).join(', ');
        return failedLine(
          what,
          `${owner}/${repository} has ${names === '' ? 'no workflow that can be dispatched' : `only ${names}`}.`,
          'Name it in the setting fluxPromote.services.',
        );
      }
      if (mayWrite === false) {
        return failedLine(
          what,
          `Your login may read ${owner}/${repository}, and may not start ${workflow.path}.`,
          'Ask for write access, or Sign In… as somebody who has it.',
        );
      }
      const inputs = workflow.inputs.map(({ name }) => name).join(', ');
      const found = `${owner}/${repository} has ${workflow.path}${inputs === '' ? '' : ` (${inputs})`}`;
      return mayWrite === undefined
        ? unknownLine(what, `${found}; whether you may start it is not told.`, 'Sign In… to the forge.')
        : okLine(what, `${found}, and you may start it.`);
    });
}
