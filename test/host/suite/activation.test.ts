import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commands, extensions } from 'vscode';

describe('activation', () => {
  it('happens without an error and registers every command of the manifest', async () => {
    const extension = extensions.getExtension('flux-promote.flux-promote');
    assert.ok(extension);
    await extension.activate();
    const manifest = extension.packageJSON as { readonly contributes: { readonly commands: { command: string }[] } };
    const registered = new Set(await commands.getCommands(true));
    const missing = manifest.contributes.commands.map((entry) => entry.command).filter((id) => !registered.has(id));
    assert.deepEqual(missing, []);
  });
});
