/** Ids of all commands by their short names: `commandIds.openPanel` is `pipescope.openPanel`. */
import { panelCommands } from '../../protocol/panel/panel-commands.ts';

/** Commands that the panel's page does not execute. */
const editorCommands = [
  'pipescope.openPanel',
  'pipescope.profileFile',
  'pipescope.profileScript',
  'pipescope.profileCommand',
  'pipescope.profileTask',
  'pipescope.profileFine',
  'pipescope.attach',
  'pipescope.toggleTerminals',
  'pipescope.validate',
  'pipescope.openValidationReport',
  'pipescope.verifyReceipt',
  'pipescope.startReceiver',
  'pipescope.restart',
  'pipescope.saveBaseline',
  'pipescope.showReport',
  'pipescope.showComparison',
  'pipescope.showHistory',
  'pipescope.measureOverhead',
  'pipescope.toggleCodeLens',
  'pipescope.timeExactly',
  'pipescope.stopTimingExactly',
  'pipescope.nextHotSpot',
  'pipescope.previousHotSpot',
  'pipescope.showInFlameGraph',
  'pipescope.openProfile',
  'pipescope.compareStacks',
  'pipescope.clearData',
  'pipescope.runQuickFix',
  'pipescope.copyResult',
  'pipescope.showEvidence',
  'pipescope.revealOperation',
] as const;

const all = [...panelCommands, ...editorCommands];

export type CommandId = (typeof all)[number];

export const commandIds = Object.fromEntries(all.map((id) => [id.replace('pipescope.', ''), id])) as {
  readonly [Id in CommandId as Id extends `pipescope.${infer Name}` ? Name : never]: Id;
};
