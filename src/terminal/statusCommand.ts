import { parseArgs } from 'node:util';
import { defaultSettings } from '../model/settings';
import type { Command } from './command';
import { checkedRef, formatJson, formatVisible, repositoryFolder, repositoryOptions, takesNothing } from './options';
import { deriveStatus, formatStatus } from './status';

export const statusCommand: Command = {
  name: 'status',
  usage: 'status [--repo PATH] [--ref REF] [--json]',
  summary: 'environments by services, from files and Git alone',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: repositoryOptions,
      allowPositionals: true,
    });
    takesNothing('status', positionals);
    const { commit, manifests, problem } = await terminal.readRepository(
      repositoryFolder(values, terminal),
      checkedRef(values),
    );
    const status = deriveStatus(commit.hash, manifests, defaultSettings, problem);
    await terminal.print(values.json === true ? formatJson(status) : formatVisible(formatStatus(status)));
    return 0;
  },
};
