// Puts the parts together: which command runs what, and what happens when settings or trust change.

import * as vscode from "vscode";
import { instructions, rewrite, undo } from "./actions";
import { Doctor } from "./doctor";
import { Inspector } from "./inspector";
import { install } from "./install";
import { showMenu } from "./menu";
import { selectModel } from "./models";
import { Preview } from "./preview";
import { cancellable } from "./progress";
import { UNDO_COMMAND, UNDO_TURN_COMMAND } from "./protocol";
import { Server } from "./server";
import { toggle, toggleLanguage } from "./settings";
import { showStatus } from "./status";
import { Snooze, suggestions } from "./suggest";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const snooze = new Snooze();
  const middleware = { ...suggestions(snooze), ...instructions, ...cancellable(() => running) };
  const running: Server = new Server(context.globalStorageUri, middleware);
  server = running;
  const inspector = new Inspector(vscode.Uri.joinPath(context.extensionUri, "media"), running);
  const preview = new Preview(running);
  const doctor = new Doctor(running);
  const commands: Record<string, () => unknown> = {
    "fathom.menu": () => showMenu(running, snooze, preview.isEditing),
    "fathom.selectModel": () => selectModel(running),
    "fathom.rewrite": () => rewrite(running),
    "fathom.undoChange": () => undo(running, UNDO_COMMAND),
    "fathom.undoTurnHere": () => undo(running, UNDO_TURN_COMMAND),
    "fathom.showPreview": () => preview.show(),
    "fathom.showContext": () => inspector.revealHere(),
    "fathom.refreshContext": () => inspector.reveal(),
    "fathom.snooze": () => snooze.ask(),
    "fathom.toggle": toggle,
    "fathom.toggleLanguage": () => toggleLanguage(vscode.window.activeTextEditor?.document.languageId ?? ""),
    "fathom.restartServer": () => running.restart(),
    "fathom.installServer": () => installServer(context, running),
    "fathom.doctor": () => doctor.show(),
    "fathom.showLog": () => running.log.show(),
    "fathom.showTrace": () => running.trace.show(),
    "fathom.openSettings": () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:fathom.fathom"),
    "fathom.openWalkthrough": () => vscode.commands.executeCommand("workbench.action.openWalkthrough", "fathom.fathom#start"),
  };
  context.subscriptions.push(
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, () => guarded(running, run))),
    running,
    snooze,
    inspector,
    preview,
    doctor,
    showStatus(running, snooze),
    vscode.workspace.onDidChangeConfiguration((event) => void configured(event, running)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.status.state === "missing" && void running.restart()),
  );
  // Not awaited: the editor need not wait for the server.
  void start(context, running);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function start(context: vscode.ExtensionContext, running: Server): Promise<void> {
  await running.restart();
  if (running.status.state !== "missing") {
    return;
  }
  const text = "Fathom's server was not found. Install the one that comes with this extension into a folder of its own? What it needs is fetched from the Python package index.";
  const answer = await vscode.window.showInformationMessage(text, "Install", "First steps");
  if (answer === "Install") {
    await installServer(context, running);
  } else if (answer === "First steps") {
    await vscode.commands.executeCommand("fathom.openWalkthrough");
  }
}

async function installServer(context: vscode.ExtensionContext, running: Server): Promise<void> {
  await running.stop();
  const isThere = await install(context, running.log);
  await running.restart();
  if (isThere && running.found && !running.found.program.startsWith(context.globalStorageUri.fsPath)) {
    const text = `Fathom was installed, but ${running.found.program} goes before it, from ${running.found.from}.`;
    void vscode.window.showInformationMessage(text);
  }
}

async function configured(event: vscode.ConfigurationChangeEvent, running: Server): Promise<void> {
  if (event.affectsConfiguration("fathom.path")) {
    await running.restart();
  } else if (event.affectsConfiguration("fathom")) {
    await running.configure();
  }
}

/** A command that fails says so to the user instead of "command failed". */
async function guarded(running: Server, run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    running.log.error(String(error));
    void vscode.window.showErrorMessage(`Fathom: ${(error as Error).message}`);
  }
}
