import { askText } from './ask';
import type { World } from './world';

/** A protected environment asks for its name. */
export async function confirmProtected(world: World, name: string): Promise<boolean> {
  const environment = world.fleet.environments.find((one) => one.name === name);
  if (environment?.isProtected !== true) return true;
  const typed = await askText({
    title: `${name} is protected`,
    prompt: `Type ${name} to go on`,
    validateInput: (value) => (value === name ? undefined : `Type ${name}`),
  });
  return typed === name;
}
