// `fathom doctor`, shown in the log.

import { execFile } from "node:child_process";
import * as os from "node:os";
import * as vscode from "vscode";
import type { Server } from "./server";

const LONGEST = 60000;

export async function doctor(server: Server): Promise<void> {
  const program = server.found?.program;
  if (!program) {
    await vscode.commands.executeCommand("fathom.menu");
    return;
  }
  const options = { location: vscode.ProgressLocation.Window, title: "Fathom: looking at what is there" };
  const report = await vscode.window.withProgress(options, () => ask(program));
  const document = await vscode.workspace.openTextDocument({ content: report, language: "plaintext" });
  await vscode.window.showTextDocument(document, { preview: true });
}

/** What it prints; a doctor that finds something wrong ends with another code than 0. */
function ask(program: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, ["doctor"], { cwd: os.homedir(), timeout: LONGEST }, (error, out, err) => {
      resolve(out || `${err || error}`);
    });
  });
}
