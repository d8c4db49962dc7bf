// The view that shows what the last completion or edit sent. Its page is media/inspector.{js,css}.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { State } from "vscode-languageclient/node";
import { CONTEXT, type Sent } from "./protocol";
import type { Server } from "./server";
import { reasonInWords } from "./words";

const VIEW = "fathom.context";

export class Inspector implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  /** A page loses messages that are sent before it says that it is ready. */
  private isReady = false;
  private sent: Sent | null = null;
  private readonly held: vscode.Disposable;

  constructor(
    private readonly media: vscode.Uri,
    private readonly server: Server,
  ) {
    this.held = vscode.Disposable.from(
      vscode.window.registerWebviewViewProvider(VIEW, this),
      server.onStatus((status) => status.state === "idle" && status.reason !== undefined && this.follow()),
      server.onEdit((event) => event.kind === "end" && this.follow()),
    );
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    this.isReady = false;
    view.webview.options = { enableScripts: true, localResourceRoots: [this.media] };
    view.webview.onDidReceiveMessage((message) => void this.hear(message));
    view.onDidChangeVisibility(() => view.visible && void this.refresh());
    view.onDidDispose(() => (this.view = undefined));
    view.webview.html = this.page(view.webview);
  }

  /** Show what was sent last. */
  async reveal(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    await this.refresh();
  }

  /** Show what a completion at the cursor would send. */
  async revealHere(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      return;
    }
    const { asUri, asPosition } = this.server.running().code2ProtocolConverter;
    const place = { uri: asUri(editor.document.uri), position: asPosition(editor.selection.active) };
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    await this.refresh(place);
  }

  dispose(): void {
    this.held.dispose();
  }

  /** Something was sent: show it, if somebody looks. */
  private follow(): void {
    if (this.view?.visible) {
      void this.refresh();
    }
  }

  private async refresh(place: object = {}): Promise<void> {
    if (this.server.client?.state !== State.Running) {
      return;
    }
    try {
      this.sent = await this.server.client.sendRequest<Sent | null>(CONTEXT, place);
      this.post();
    } catch (error) {
      this.server.log.warn(`what was sent cannot be shown: ${error}`);
    }
  }

  private post(): void {
    if (this.isReady) {
      const reason = reasonInWords(this.sent?.reason ?? undefined);
      const name = this.sent && vscode.workspace.asRelativePath(vscode.Uri.parse(this.sent.uri));
      void this.view?.webview.postMessage({ sent: this.sent, reason, name });
    }
  }

  private async hear(message: { kind: string; index?: number }): Promise<void> {
    if (message.kind === "ready") {
      this.isReady = true;
      await this.refresh();
      this.post();
    } else if (message.kind === "open" && message.index !== undefined) {
      await this.open(message.index);
    }
  }

  private async open(index: number): Promise<void> {
    const part = this.sent?.parts[index];
    if (!part?.uri) {
      return;
    }
    try {
      const uri = vscode.Uri.parse(part.uri);
      const selection = new vscode.Range(part.start, 0, Math.max(part.start, part.end - 1), 0);
      await vscode.window.showTextDocument(uri, { selection, preview: true });
    } catch (error) {
      void vscode.window.showWarningMessage(`Fathom: ${part.path} cannot be opened: ${(error as Error).message}`);
    }
  }

  private page(webview: vscode.Webview): string {
    const nonce = randomBytes(16).toString("base64url");
    const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.media, name)).toString();
    const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>What was sent to the model</title>
<link rel="stylesheet" href="${file("inspector.css")}">
</head>
<body>
<main id="main" aria-live="polite"></main>
<script nonce="${nonce}" src="${file("inspector.js")}"></script>
</body>
</html>`;
  }
}
