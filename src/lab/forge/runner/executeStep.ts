import type { WorkflowStep } from '../workflowFile';
import type { Names } from './expressions';
import { fillExpressions } from './expressions';
import { runProgram } from './programs';
import { parseLine, ScriptError, splitScript } from './script';
import type { Workshop } from './workshop';

export interface StepScene extends Omit<Workshop, 'setVariable'> {
  /** For `${{ … }}`. */
  readonly expressions: Names;
  /** For `$NAME`; what a step appends to `$GITHUB_ENV` is added for the next one. */
  readonly variables: Map<string, string>;
}

const environmentFile = '$GITHUB_ENV';

/** Runs one step of a workflow to its end. True: it succeeded. What it says goes to `print`. */
export async function executeStep(step: WorkflowStep, scene: StepScene): Promise<boolean> {
  if (step.uses !== undefined) {
    return useAction(step.uses, scene);
  }
  const additions = new Map<string, string>();
  const script = fillExpressions(step.run ?? '', scene.expressions);
  scene.print(`##[group]Run ${splitScript(script)[0] ?? ''}`);
  for (const line of splitScript(script)) {
    scene.print(line);
  }
  scene.print('##[endgroup]');
  for (const line of splitScript(script)) {
    const exitCode = await runLine(line, scene, additions);
    if (exitCode !== 0) {
      scene.print(`##[error]Process completed with exit code ${exitCode}.`);
      return false;
    }
  }
  for (const [name, value] of additions) {
    scene.variables.set(name, value);
  }
  return true;
}

async function runLine(line: string, scene: StepScene, additions: Map<string, string>): Promise<number> {
  const variables = { ...Object.fromEntries(scene.variables), GITHUB_ENV: environmentFile };
  let exitCode = 0;
  try {
    for (const { words, appendTo } of parseLine(line, variables)) {
      const isForEnvironment = appendTo === environmentFile;
      exitCode = await runProgram(words, {
        ...scene,
        print: isForEnvironment ? (text) => addVariable(additions, text) : scene.print,
        setVariable: (name, value) => additions.set(name, value),
      });
      if (exitCode === 0) {
        return 0;
      }
    }
  } catch (error) {
    // As in any shell: the step fails and the log says why; the forge itself goes on.
    scene.print(error instanceof ScriptError ? error.message : `Error: ${String(error)}`);
    return error instanceof ScriptError ? 2 : 1;
  }
  return exitCode;
}

function addVariable(additions: Map<string, string>, text: string): void {
  const equals = text.indexOf('=');
  additions.set(text.slice(0, equals), text.slice(equals + 1));
}

/** The one action that the lab's runner has; there is nothing to fetch, the repository is at hand. */
function useAction(uses: string, { print, name }: StepScene): boolean {
  print(`##[group]Run ${uses}`);
  print('##[endgroup]');
  if (!uses.startsWith('actions/checkout@')) {
    print(`##[error]The practice lab's runner has no action ${uses}.`);
    return false;
  }
  print(`Checked out ${name}`);
  return true;
}
