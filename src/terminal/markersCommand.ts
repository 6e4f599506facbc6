import { parseArgs } from 'node:util';
import { findDeadMarkers } from '../manifests/deadMarkers';
import { findMarkers } from '../manifests/markers';
import { answerLines } from './batch';
import type { Command } from './command';
import { deadReasons, formatMarkers, type MarkerList } from './markerList';
import { answerMarkers } from './markersLine';
import { checkedRef, formatJson, formatVisible, repositoryFolder, repositoryOptions, takesNothing } from './options';
import { readSubject } from './subject';

export const markersCommand: Command = {
  name: 'markers',
  usage: 'markers [PATH…] [--repo PATH] [--ref REF] [--json] | markers --batch',
  summary: 'image policy markers, and those on which Flux never acts',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: { ...repositoryOptions, batch: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (values.batch === true) {
      takesNothing('markers --batch', positionals);
      await answerLines(terminal, answerMarkers);
      return 0;
    }
    const subject = await readSubject(terminal, repositoryFolder(values, terminal), checkedRef(values), positionals);
    const files = [...subject.texts].filter(([file]) => subject.isAsked(file));
    const list: MarkerList = {
      commit: subject.commit,
      markers: files.flatMap(([file, text]) =>
        findMarkers(file, text).map(({ line, setter, namespace, policy, part, value }) => ({
          file,
          line,
          setter,
          policy: `${namespace}/${policy}`,
          part,
          value,
        })),
      ),
      dead: files.flatMap(([file, text]) =>
        findDeadMarkers(file, text).map(({ line, because, text: shown }) => ({
          file,
          line,
          because,
          reason: deadReasons[because],
          text: shown,
        })),
      ),
    };
    await terminal.print(values.json === true ? formatJson(list) : formatVisible(formatMarkers(list, subject.name)));
    return list.dead.length === 0 ? 0 : 1;
  },
};
