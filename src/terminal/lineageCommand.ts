import { parseArgs } from 'node:util';
import { deriveLineage, type LineageSide } from '../fleet/lineage';
import { formatLineage } from '../fleet/lineageFormats';
import { legalTag, parseImage } from '../model/image';
import { ProblemError } from '../model/problem';
import { known, unknown } from '../model/reading';
import { type Command, type Terminal, UsageError } from './command';
import { formatVisible } from './options';

export const lineageCommand: Command = {
  name: 'lineage',
  usage: 'lineage IMAGE TESTED DELIVERED [--json | --markdown]',
  summary:
    'whether one tag is the image that was tested as another; ends with 1 for a rebuild, with 2 when it is unknown',
  run: async (given, terminal) => {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: { json: { type: 'boolean' }, markdown: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [image, tested, delivered] = positionals;
    if (image === undefined || tested === undefined || delivered === undefined || positionals.length > 3) {
      throw new UsageError('lineage takes an image and two of its tags, the tested one first.');
    }
    if (values.json === true && values.markdown === true)
      throw new UsageError('--json and --markdown exclude each other.');
    const { name, tag, digest } = parseImage(image);
    if (name === '' || tag !== undefined || digest !== undefined) {
      throw new UsageError(`The image is a name without tag, such as ghcr.io/acme/backend, not "${image}".`);
    }
    const source = await readSide(name, tested, terminal);
    const target = await readSide(name, delivered, terminal);
    const lineage = deriveLineage({ image: name, source, target });
    if (values.json === true) await terminal.print(formatLineage(lineage, 'json'));
    else await terminal.print(formatVisible(formatLineage(lineage, values.markdown === true ? 'markdown' : 'text')));
    if (lineage.verdict === 'unknown') return 2;
    return lineage.verdict === 'different' ? 1 : 0;
  },
};

async function readSide(image: string, reference: string, terminal: Terminal): Promise<LineageSide> {
  if (!legalTag.test(reference) && !/^[a-z0-9]+:[0-9a-f]{32,}$/.test(reference)) {
    throw new UsageError(`"${reference}" is no tag and no digest.`);
  }
  try {
    return { tag: reference, resolved: known(await terminal.readImage(image, reference), 0), pods: [] };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { tag: reference, resolved: unknown(error.problem), pods: [] };
  }
}
