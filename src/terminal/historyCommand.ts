import { parseArgs } from 'node:util';
import { known } from '../model/reading';
import { defaultSettings } from '../model/settings';
import { type Command, UsageError } from './command';
import { deriveHistory, findPlacement, formatHistory, timelineKey } from './history';
import { checkedRef, formatJson, formatVisible, repositoryFolder, repositoryOptions } from './options';

export const historyCommand: Command = {
  name: 'history',
  usage: 'history SERVICE ENVIRONMENT [--repo PATH] [--ref REF] [--json]',
  summary: 'the tags of a service in an environment, with the commits that wrote them',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: repositoryOptions,
      allowPositionals: true,
    });
    const [service, environment] = positionals;
    if (service === undefined || environment === undefined || positionals.length > 2) {
      throw new UsageError('history takes a service and an environment, as status names them.');
    }
    const { commit, manifests, facts, problem } = await terminal.readRepository(
      repositoryFolder(values, terminal),
      checkedRef(values),
    );
    const placement = findPlacement(manifests, defaultSettings, service, environment);
    const key = timelineKey(placement);
    const timeline = key === undefined ? known([], 0) : await terminal.readTimeline(facts, key);
    const history = deriveHistory(commit.hash, placement, timeline, problem);
    await terminal.print(values.json === true ? formatJson(history) : formatVisible(formatHistory(history)));
    return 0;
  },
};
