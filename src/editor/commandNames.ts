/** Every command that the heavy part handles, as the manifest contributes it. */
export const commandNames = [
  'fluxPromote.promote',
  'fluxPromote.approveRun',
  'fluxPromote.rollBack',
  'fluxPromote.revertBotCommit',
  'fluxPromote.resume',
  'fluxPromote.emergencyUndo',
  'fluxPromote.explain',
  'fluxPromote.repair',
  'fluxPromote.proveLineage',
  'fluxPromote.checkBaseline',
  'fluxPromote.reconcileNow',
  'fluxPromote.refresh',
  'fluxPromote.groupByService',
  'fluxPromote.groupByEnvironment',
  'fluxPromote.chooseContext',
  'fluxPromote.signIn',
  'fluxPromote.showJournal',
  'fluxPromote.openFile',
  'fluxPromote.showSelection',
  'fluxPromote.openPracticeLab',
  'fluxPromote.resetPracticeLab',
  'fluxPromote.breakPracticeLab',
  'fluxPromote.rebuildForProduction',
  'fluxPromote.showLabReport',
] as const;

export type CommandName = (typeof commandNames)[number];
