// Plays one scenario in the world of this run and says what was seen.
import { patience, startWorld } from '../controllers/world';
import { isLive } from '../isLive';
import { until } from '../until';
import { Recorder, type Recording, recordedKinds } from './recorder';
import type { Scenario } from './scenario';
import { first, Stage, second } from './stage';

/** So long nothing new must be seen. */
const quietMs = isLive ? 2_500 : 700;
/**
 * Sources and scans look every ten seconds. The automation runs when it is asked to: what scenarios are about is what happens before
 * its next run.
 */
const pace = { source: '10s', scan: '10s', automation: '10m', timeout: '33s' };

const entry = 'clusters/lab/kustomization.yaml';
const apps = '  - apps.yaml\n';

/** Throws where the scenario does not go as it says. */
export async function play({ tags = [first, second], files, play: act }: Scenario): Promise<Recording> {
  const recorder = new Recorder();
  const world = await startWorld({
    tags,
    pace,
    files: (all) => {
      const own = files?.(all) ?? all;
      return { ...own, [entry]: (own[entry] ?? '').replace(apps, '') };
    },
    observer: { kinds: recordedKinds, see: (kind, object) => recorder.see(kind, object) },
  });
  const read = async (): Promise<Recording> => {
    const all = await world.log('--all', '%H');
    const commits = (await world.log('--all', '%an: %s')).toReversed();
    return recorder.recording({ commits: all.toReversed(), image: world.image }, commits);
  };
  /** What is recorded once nothing new has come for a while. */
  const rest = (): Promise<Recording> => {
    let last = { text: '', since: 0 };
    return until(
      async () => {
        const recording = await read();
        const text = JSON.stringify(recording);
        if (text !== last.text) last = { text, since: Date.now() };
        return Date.now() - last.since > quietMs && recording;
      },
      { timeoutMs: patience.waitMs, what: 'a rest of what is recorded' },
    );
  };
  const begin = async (): Promise<void> => {
    await rest();
    recorder.forget();
  };
  try {
    const stage = new Stage(world, begin);
    // The environment comes when the images are scanned and the source is applied: which of them is first would be chance.
    await stage.says('ImageRepository', 'Ready', 'True');
    await stage.says('Kustomization', 'Ready', 'True', 'flux-system');
    await begin();
    await world.push('the environment', { [entry]: (text) => `${text}${apps}` });
    await act(stage);
    return await rest();
  } finally {
    await world.stop();
  }
}
