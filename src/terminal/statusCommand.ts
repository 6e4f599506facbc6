import { parseArgs } from 'node:util';
import { defaultSettings } from '../model/settings';
import { type Command, UsageError } from './command';
import { deriveStatus, formatStatus } from './status';

export const statusCommand: Command = {
  name: 'status',
  usage: 'status [--repo PATH] [--ref REF] [--json]',
  summary: 'environments by services, from files and Git alone',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: { repo: { type: 'string' }, ref: { type: 'string' }, json: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (positionals.length > 0) throw new UsageError(`status takes no argument "${positionals[0]}".`);
    const { commit, manifests } = await terminal.readRepository(values.repo ?? terminal.folder, values.ref);
    const status = deriveStatus(commit.hash, manifests, defaultSettings);
    terminal.print(values.json === true ? `${JSON.stringify(status, null, 2)}\n` : formatStatus(status));
    return 0;
  },
};
