// A change as a difference while the model writes it. Nothing here applies anything.

import * as vscode from "vscode";
import type { EditEvent } from "./protocol";
import type { Server } from "./server";
import { own } from "./settings";

const SCHEME = "fathom-preview";
const LONGEST_TITLE = 60;

interface Change {
  readonly title: string;
  readonly original: vscode.Uri;
  readonly before: string;
  readonly after: string;
  readonly lines: readonly string[];
  readonly shown: vscode.Uri;
}

export class Preview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly changes = new Map<string, Change>();
  private readonly held: vscode.Disposable;

  constructor(private readonly server: Server) {
    const provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
    this.held = vscode.Disposable.from(provider, server.onEdit((event) => void this.hear(event)));
  }

  get isEditing(): boolean {
    return this.changes.size > 0;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const change = this.changes.get(uri.query);
    return change ? change.before + change.lines.join("\n") + change.after : "";
  }

  /** Open the newest change that is being made. */
  async show(): Promise<void> {
    const change = [...this.changes.values()].at(-1);
    if (!change) {
      void vscode.window.showInformationMessage("Fathom is changing nothing at the moment.");
      return;
    }
    const title = `${change.title.slice(0, LONGEST_TITLE)} (being written)`;
    const options = { preview: true, preserveFocus: true, viewColumn: vscode.ViewColumn.Beside };
    await vscode.commands.executeCommand("vscode.diff", change.original, change.shown, title, options);
  }

  dispose(): void {
    this.held.dispose();
    this.changed.dispose();
  }

  private async hear(event: EditEvent): Promise<void> {
    const change = this.changes.get(event.id);
    if (event.kind === "begin") {
      await this.begin(event);
    } else if (event.kind === "end" && change) {
      this.changes.delete(event.id);
      await close(change.shown);
    } else if (change) {
      // With `again` what was written so far is void.
      const lines = event.kind === "lines" ? [...change.lines, ...(event.lines ?? [])] : [];
      this.changes.set(event.id, { ...change, lines });
      this.changed.fire(change.shown);
    }
  }

  private async begin(event: EditEvent): Promise<void> {
    const client = this.server.client;
    const original = client?.protocol2CodeConverter.asUri(event.uri);
    const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === original?.toString());
    const range = client?.protocol2CodeConverter.asRange(event.range);
    if (!original || !document || !range) {
      return;
    }
    const text = document.getText();
    const shown = vscode.Uri.from({ scheme: SCHEME, path: original.path, query: event.id });
    const before = text.slice(0, document.offsetAt(range.start));
    const after = text.slice(document.offsetAt(range.end));
    this.changes.set(event.id, { title: event.title ?? "Fathom", original, before, after, lines: [], shown });
    if (own("preview") === "always") {
      await this.show();
    }
  }
}

async function close(shown: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter((tab) => tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === shown.toString());
  if (ours.length) {
    await vscode.window.tabGroups.close(ours, true);
  }
}
