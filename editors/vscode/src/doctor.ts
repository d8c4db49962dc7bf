// `fathom doctor`, shown as a document that cannot be edited and need not be saved.

import { execFile } from "node:child_process";
import * as os from "node:os";
import * as vscode from "vscode";
import type { Server } from "./server";

const REPORT = vscode.Uri.parse("fathom-doctor:Fathom%20doctor");
/** How long it may take, in ms. */
const LONGEST = 60000;

export class Doctor implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly held: vscode.Disposable;
  private report = "";

  constructor(private readonly server: Server) {
    this.held = vscode.workspace.registerTextDocumentContentProvider(REPORT.scheme, this);
  }

  provideTextDocumentContent(): string {
    return this.report;
  }

  /** Look anew, and show what was found. */
  async show(): Promise<void> {
    const program = this.server.found?.program;
    if (!program) {
      throw new Error(this.server.status.message || "the program `fathom` was not found.");
    }
    const options = { location: vscode.ProgressLocation.Window, title: "Fathom: looking at what is there" };
    this.report = await vscode.window.withProgress(options, () => ask(program));
    this.changed.fire(REPORT);
    await vscode.window.showTextDocument(REPORT, { preview: true });
  }

  dispose(): void {
    this.held.dispose();
    this.changed.dispose();
  }
}

/** What it prints; a doctor that finds something wrong ends with another code than 0. */
function ask(program: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, ["doctor"], { cwd: os.homedir(), timeout: LONGEST }, (error, out, err) => {
      resolve(out || `${err || error}`);
    });
  });
}
